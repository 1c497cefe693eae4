"""From stream chunks to one answer of the model: reasoning, text and tool calls, put together piece by piece."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from agent.json_types import JsonObject, as_count, as_list, as_object, as_text, parse_object
from agent.messages import ToolCall


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one request, as the server counted them. `cached_tokens` is None where the server does not say."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    reasoning_tokens: int = 0
    cached_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Delta:
    """A piece of the answer for live display."""

    kind: Literal["reasoning", "content", "call"]
    text: str


@dataclass(frozen=True, slots=True)
class ModelTurn:
    """One answer, complete or not.

    `finish_reason` is what the server said (stop, length, tool_calls, abort, repetition) or None when the stream ended
    without one; "budget" and "loop" when the stream was closed from here. Calls carry the argument text as it came: it
    may be cut or no JSON at all. `mended` counts pieces of calls whose ids or indexes were missing or taken.
    """

    reasoning: str
    content: str
    calls: tuple[ToolCall, ...]
    finish_reason: str | None
    usage: Usage | None
    mended: int = 0


@dataclass(slots=True)
class _Call:
    """A call in the making. `sent` is the id that the server gave; `closed` when it is complete and sent again."""

    id: str
    index: int | None
    sent: str
    name: str = ""
    arguments: list[str] = field(default_factory=list[str])
    closed: bool = False
    mended: int = 0

    def complete(self) -> bool:
        """Whether the arguments are a whole JSON object, so that whatever follows is no part of them."""
        text = "".join(self.arguments)
        return text.rstrip().endswith("}") and parse_object(text) is not None


@dataclass(slots=True)
class TurnAssembler:
    """Collects chunks. Survives missing or repeated ids, reused indexes and names that come late (qwen-code #2064)."""

    _reasoning: list[str] = field(default_factory=list[str])
    _content: list[str] = field(default_factory=list[str])
    _calls: list[_Call] = field(default_factory=list[_Call])
    _by_index: dict[int, _Call] = field(default_factory=dict[int, _Call])
    _finish_reason: str | None = None
    _usage: Usage | None = None
    _chunks: int = 0

    def add(self, chunk: JsonObject) -> Iterator[Delta]:
        """Take one chunk; yields what became visible with it."""
        self._chunks += 1
        if usage := as_object(chunk.get("usage")):
            self._usage = _usage(usage)
        for choice_value in as_list(chunk.get("choices")):
            choice = as_object(choice_value)
            delta = as_object(choice.get("delta"))
            reasoning = as_text(delta.get("reasoning")) or as_text(delta.get("reasoning_content"))
            if reasoning:
                self._reasoning.append(reasoning)
                yield Delta("reasoning", reasoning)
            if content := as_text(delta.get("content")):
                self._content.append(content)
                yield Delta("content", content)
            for piece in as_list(delta.get("tool_calls")):
                yield from self._add_call(as_object(piece))
            self._finish_reason = as_text(choice.get("finish_reason")) or self._finish_reason

    def _add_call(self, piece: JsonObject) -> Iterator[Delta]:
        function = as_object(piece.get("function"))
        index = piece.get("index")
        call_id, name = as_text(piece.get("id")), as_text(function.get("name"))
        call = self._call(index if isinstance(index, int) else None, call_id, name)
        if call.closed:
            return
        if call_id and not call.sent:
            call.id, call.sent = self._unused(call_id), call_id
        if name and not call.name:
            call.name = name
            yield Delta("call", name)
        if arguments := as_text(function.get("arguments")):
            call.arguments.append(arguments)

    def _call(self, index: int | None, call_id: str, name: str) -> _Call:
        """The call that a piece belongs to: by id, else by index, else the last one; or a new one that begins here."""
        known = self._by_index.get(index) if index is not None else (self._calls[-1] if self._calls else None)
        same = [call for call in self._calls if call_id and call.sent == call_id and (not name or call.index == index)]
        if same:
            call = known if known in same else same[-1]
            # A piece with a name is the first of its call. To see it again means that the server says it twice.
            if not call.closed and name and call.complete():
                call.closed = True
                call.mended += 1
            return call
        if known is None or _begins_another(known, call_id, name):
            odd = index is None or known is not None or not call_id or self._taken(call_id)
            return self._begin(index, call_id, mended=int(odd))
        return known

    def _taken(self, call_id: str) -> bool:
        return any(call.id == call_id for call in self._calls)

    def _begin(self, index: int | None, call_id: str, mended: int) -> _Call:
        call = _Call(self._unused(call_id), index, call_id, mended=mended)
        self._calls.append(call)
        if index is not None:
            self._by_index[index] = call
        return call

    def _unused(self, call_id: str) -> str:
        """The id, or one of our own where the server gave none or one that is taken."""
        if call_id and not self._taken(call_id):
            return call_id
        return f"call-{uuid.uuid4().hex[:16]}"

    @property
    def begun(self) -> bool:
        """Whether any chunk has come."""
        return self._chunks > 0

    @property
    def finished(self) -> bool:
        """Whether the server has said why the answer ended."""
        return self._finish_reason is not None

    def turn(self) -> ModelTurn:
        """What has come so far."""
        return ModelTurn(
            reasoning="".join(self._reasoning),
            content="".join(self._content),
            calls=tuple(
                ToolCall(call.id, call.name, "".join(call.arguments))
                for call in self._calls
                if call.name or call.arguments
            ),
            finish_reason=self._finish_reason,
            usage=self._usage,
            mended=sum(call.mended for call in self._calls if call.name or call.arguments),
        )


def _begins_another(known: _Call, call_id: str, name: str) -> bool:
    """Whether a piece at the place of a known call is the first of another one: servers reuse indexes."""
    if call_id and known.sent and call_id != known.sent:
        return True
    return bool(name) and bool(known.name) and (name != known.name or known.complete())


def _usage(usage: JsonObject) -> Usage:
    prompt = as_object(usage.get("prompt_tokens_details"))
    completion = as_object(usage.get("completion_tokens_details"))
    cached = prompt.get("cached_tokens")
    return Usage(
        prompt_tokens=as_count(usage.get("prompt_tokens")),
        completion_tokens=as_count(usage.get("completion_tokens")),
        reasoning_tokens=as_count(completion.get("reasoning_tokens")),
        cached_tokens=cached if isinstance(cached, int) and not isinstance(cached, bool) else None,
    )
