"""An answer of the chat endpoint, streamed or whole, in the parts that checks look at."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import cast

from serving.doctor.values import JsonObject, as_count, as_list, as_object, as_text, parsed
from serving.doctor.wire import Reply


@dataclass(frozen=True, slots=True)
class Call:
    """A tool call as the server gave it; `arguments` is meant to be the JSON text of an object."""

    name: str
    arguments: str

    @property
    def parsed(self) -> JsonObject | None:
        """The arguments, None where they are no JSON object."""
        value: object = parsed(self.arguments)
        return cast("JsonObject", value) if isinstance(value, dict) else None


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer. Token counts are None where the server gives none.

    `raw` is what the model wrote, before any parser, detokenised from the server's own token ids; None where these
    cannot be had. `first_s` and `last_s` are seconds to the first and last piece of a stream. With a `status` other
    than 200 the request was refused and `error` has the server's words.
    """

    status: int = 200
    error: str = ""
    content: str = ""
    reasoning: str = ""
    calls: Sequence[Call] = ()
    finish: str = ""
    prompt_tokens: int | None = None
    cached_tokens: int | None = None
    completion_tokens: int | None = None
    reasoning_tokens: int | None = None
    prompt_text: str = ""
    token_ids: Sequence[int] = ()
    raw: str | None = None
    first_s: float = 0.0
    last_s: float = 0.0

    @property
    def refused(self) -> bool:
        """Whether there is no answer."""
        return self.status != 200

    @property
    def said(self) -> str:
        """The words of the answer, for a sentence about them."""
        return self.raw if self.raw is not None else f"{self.reasoning}{self.content}"


def whole(reply: Reply) -> Answer:
    """The answer of a request without a stream."""
    if reply.status != 200:
        return Answer(status=reply.status, error=reply.error)
    choices = as_list(reply.body.get("choices"))
    if not choices:
        return Answer(status=502, error=reply.error or "no choices in the answer")
    choice = as_object(choices[0])
    parts = Parts()
    parts.take_message(as_object(choice.get("message")))
    parts.take_choice(choice)
    parts.take_usage(as_object(reply.body.get("usage")))
    parts.prompt_text = as_text(reply.body.get("prompt_text"))
    return parts.answer(first_s=reply.seconds, last_s=reply.seconds)


@dataclass(slots=True)
class Parts:
    """An answer while it comes together."""

    content: str = ""
    reasoning: str = ""
    names: dict[int, str] = field(default_factory=dict[int, str])
    arguments: dict[int, str] = field(default_factory=dict[int, str])
    finish: str = ""
    token_ids: list[int] = field(default_factory=list[int])
    counts: dict[str, int | None] = field(default_factory=dict[str, int | None])
    prompt_text: str = ""

    def take_message(self, message: JsonObject) -> bool:
        """Add a message or a delta of one; says whether it held anything that the model wrote."""
        content = as_text(message.get("content"))
        # Both names are in use: vLLM #33402.
        reasoning = as_text(message.get("reasoning")) or as_text(message.get("reasoning_content"))
        self.content += content
        self.reasoning += reasoning
        calls = as_list(message.get("tool_calls"))
        for place, value in enumerate(calls):
            call = as_object(value)
            index = as_count(call.get("index"))
            number = place if index is None else index
            function = as_object(call.get("function"))
            self.names[number] = self.names.get(number) or as_text(function.get("name"))
            self.arguments[number] = self.arguments.get(number, "") + as_text(function.get("arguments"))
        return bool(content or reasoning or calls)

    def take_choice(self, choice: JsonObject) -> None:
        """Finish reason and token ids of a choice."""
        self.finish = as_text(choice.get("finish_reason")) or self.finish
        ids = (as_count(value) for value in as_list(choice.get("token_ids")))
        self.token_ids += [number for number in ids if number is not None]

    def take_usage(self, usage: JsonObject) -> None:
        """The counts of the last usage object win."""
        if not usage:
            return
        self.counts = {
            "prompt_tokens": as_count(usage.get("prompt_tokens")),
            "completion_tokens": as_count(usage.get("completion_tokens")),
            "cached_tokens": as_count(as_object(usage.get("prompt_tokens_details")).get("cached_tokens")),
            "reasoning_tokens": as_count(as_object(usage.get("completion_tokens_details")).get("reasoning_tokens")),
        }

    def answer(self, first_s: float, last_s: float) -> Answer:
        """The finished answer."""
        return Answer(
            content=self.content,
            reasoning=self.reasoning,
            calls=tuple(Call(self.names[number], self.arguments[number]) for number in sorted(self.names)),
            finish=self.finish,
            prompt_text=self.prompt_text,
            token_ids=tuple(self.token_ids),
            first_s=first_s,
            last_s=last_s,
            prompt_tokens=self.counts.get("prompt_tokens"),
            cached_tokens=self.counts.get("cached_tokens"),
            completion_tokens=self.counts.get("completion_tokens"),
            reasoning_tokens=self.counts.get("reasoning_tokens"),
        )
