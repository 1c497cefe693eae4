"""The server under examination: how to ask it, and what the checks have found out so far."""

import secrets
import time
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace

from serving.doctor.answer import Answer, Parts, whole
from serving.doctor.cache_verdicts import Asked
from serving.doctor.metrics import Metrics
from serving.doctor.values import EMPTY, JsonObject, as_count, as_list, as_object, as_text, parsed
from serving.doctor.wire import Reply, Unreachable, Wire

Messages = Sequence[Mapping[str, object]]
PROBE_TOKENS = 96


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the user asked for. `context_tokens` is the least that a session needs; `budget_s` what checks may take;
    `preserve_thinking` that requests ask the template to keep earlier reasoning."""

    base_url: str
    model: str | None = None
    api_key: str = field(default="", repr=False)
    context_tokens: int = 65536
    budget_s: float = 60.0
    preserve_thinking: bool = False


@dataclass(slots=True)
class Server:
    """One server. The fields below `wire` are filled by the checks, in their order (`serving.doctor.run`)."""

    wanted: Wanted
    wire: Wire
    deadline: float = 0.0
    nonce: str = field(default_factory=lambda: secrets.token_hex(4))
    listing: JsonObject = field(default_factory=lambda: EMPTY)
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    kind: str = ""
    version: str = ""
    model: str = ""
    context: int = 0
    metrics: Metrics | None = None
    template: str = ""
    prefill_tps: float | None = None
    grown_from: "tuple[Messages, Asked] | None" = None

    @property
    def base_url(self) -> str:
        """The address that ends in /v1."""
        return self.wanted.base_url.rstrip("/")

    @property
    def root(self) -> str:
        """The address without /v1, where health, metrics and the tokenizer live."""
        return self.base_url.removesuffix("/v1")

    def left_s(self) -> float:
        """Seconds that the checks may still take."""
        return self.deadline - time.monotonic()

    async def look(self, path: str) -> Reply | None:
        """GET of a path beside /v1; None where nothing comes."""
        try:
            return await self.wire.get(f"{self.root}{path}", timeout_s=5.0)
        except Unreachable:
            return None

    def request(self, messages: Messages, thinking: bool, options: Mapping[str, object]) -> dict[str, object]:
        """The body of a chat request as qwright sends it, at temperature 0."""
        body: dict[str, object] = {
            "model": self.model,
            "messages": list(messages),
            "max_tokens": PROBE_TOKENS,
            "temperature": 0,
            "chat_template_kwargs": {"enable_thinking": thinking},
        }
        if self.kind == "vllm":
            body["return_token_ids"] = True
        return {**body, **options}

    async def ask(self, messages: Messages, *, thinking: bool = False, **options: object) -> Answer:
        """A whole answer; raises `Unreachable`."""
        body = self.request(messages, thinking, options)
        return await self._with_raw(whole(await self.wire.post(f"{self.base_url}/chat/completions", body)))

    async def stream(self, messages: Messages, *, thinking: bool = False, **options: object) -> Answer:
        """A streamed answer with its timing; raises `Unreachable`."""
        shape = {"stream": True, "stream_options": {"include_usage": True}}
        body = self.request(messages, thinking, {**shape, **options})
        parts, first, last, refusal = Parts(), 0.0, 0.0, ""
        async with aclosing(self.wire.lines(f"{self.base_url}/chat/completions", body)) as lines:
            async for at, line in lines:
                if not line.startswith("data:"):
                    refusal += line if line and not line.startswith((":", "event:", "id:", "retry:")) else ""
                    continue
                chunk = as_object(parsed(line.removeprefix("data:").strip()))
                refusal += as_text(as_object(chunk.get("error")).get("message"))
                parts.take_usage(as_object(chunk.get("usage")))
                for choice in (as_object(value) for value in as_list(chunk.get("choices"))):
                    if parts.take_message(as_object(choice.get("delta"))):
                        first, last = first or at, at
                    parts.take_choice(choice)
        if refusal:
            return _refused(refusal)
        return await self._with_raw(parts.answer(first, last))

    async def rendered(
        self,
        messages: Messages,
        *,
        thinking: bool = True,
        tools: Sequence[object] = (),
        kwargs: Mapping[str, object] = EMPTY,
    ) -> str | None:
        """The prompt as the chat template renders it; None where the server does not tell.

        vLLM: `/tokenize` in its chat form, then `/detokenize`; behind a proxy that shows /v1 only, the prompt comes
        with an answer of one token (`return_prompt_text`). llama.cpp: `/apply-template`.
        """
        both = {"enable_thinking": thinking, **kwargs}
        body: dict[str, object] = {"model": self.model, "messages": list(messages), "chat_template_kwargs": both}
        if tools:
            body["tools"] = list(tools)
        if self.kind == "llama.cpp":
            return as_text((await self.wire.post(f"{self.root}/apply-template", body)).body.get("prompt")) or None
        tokens = [as_count(value) for value in as_list((await self._tokenize(body)).body.get("tokens"))]
        if tokens:
            return await self._text_of([number for number in tokens if number is not None])
        reply = await self.wire.post(
            f"{self.base_url}/chat/completions", {**body, "max_tokens": 1, "return_prompt_text": True}
        )
        return as_text(reply.body.get("prompt_text")) or None

    async def _tokenize(self, body: Mapping[str, object]) -> Reply:
        return await self.wire.post(f"{self.root}/tokenize", body)

    async def _text_of(self, tokens: Sequence[int]) -> str | None:
        reply = await self.wire.post(f"{self.root}/detokenize", {"model": self.model, "tokens": list(tokens)})
        return as_text(reply.body.get("prompt")) or None

    async def _with_raw(self, answer: Answer) -> Answer:
        if not answer.token_ids:
            return answer
        return replace(answer, raw=await self._text_of(answer.token_ids))


def _refused(text: str) -> Answer:
    """A refusal whose body came through the stream; the status is the one that it names."""
    told = Reply(400, {}, text, 0.0)
    code = as_count(as_object(told.body.get("error")).get("code"))
    return Answer(status=code or 400, error=told.error)
