"""A server that treats requests as vLLM does: Qwen3.5's template and tokenizer, a context that it enforces.

The words come from a function of the request. What a real server could not do is refused with a sentence, too: a
history that the template would render wrongly, an answer for which there is no room.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field

from agent.json_types import JsonObject, as_count, as_object
from tests.fakes.http_server import Reply, Request
from tests.fakes.template import count, render, spoken


@dataclass(frozen=True, slots=True)
class Said:
    """An answer. `thought` is left out where the request turns thinking off."""

    text: str = ""
    calls: tuple[tuple[str, JsonObject], ...] = ()
    thought: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A chat request that was answered: the prompt as text, its tokens, those of its prefix that were known before."""

    body: JsonObject
    prompt: str
    tokens: int
    cached: int

    @property
    def told(self) -> str:
        """What the model was told since it last spoke."""
        return self.prompt.split("<|im_start|>assistant\n")[-2].split("<|im_end|>", 1)[-1]

    @property
    def for_summary(self) -> bool:
        return self.body.get("tool_choice") == "none"


@dataclass(slots=True)
class CountingVllm:
    """`async with HttpServer(server)` serves it. `asked` are the requests that were answered, `refused` the others.

    `tokenize` says whether there is a `/tokenize`, as vLLM has one and others do not.
    """

    answer: Callable[[Asked], Said]
    max_model_len: int = 32768
    tokenize: bool = True
    asked: list[Asked] = field(default_factory=list[Asked])
    refused: list[str] = field(default_factory=list[str])
    counts: int = 0
    known: list[str] = field(default_factory=list[str])

    def __call__(self, request: Request) -> Reply:
        if request.path == "/v1/models":
            return _json({"data": [{"id": "m", "max_model_len": self.max_model_len}]})
        if not request.body:
            return _json({"detail": "Not Found"}, 404)
        body = as_object(json.loads(request.body))
        try:
            prompt = render(body)
        except ValueError as wrong:
            return self._refuse(f"The chat template cannot render this history: {wrong}", "messages")
        tokens = count(prompt)
        if request.path == "/tokenize":
            if not self.tokenize:
                return _json({"detail": "Not Found"}, 404)
            self.counts += 1
            return _json({"count": tokens, "max_model_len": self.max_model_len, "tokens": [1, 2, 3]})
        if tokens > self.max_model_len:
            return self._refuse(_too_long(self.max_model_len, tokens), "input_tokens")
        asked = Asked(body, prompt, tokens, self._cached(prompt))
        self.asked.append(asked)
        return self._say(asked, self.answer(asked))

    def _cached(self, prompt: str) -> int:
        """Tokens that this prompt has in common with the newest ones and their answers."""
        return count(prompt[: max((_shared(known, prompt) for known in self.known[-3:]), default=0)])

    def _refuse(self, message: str, param: str) -> Reply:
        self.refused.append(message)
        return _json({"error": {"message": message, "type": "BadRequestError", "param": param, "code": 400}}, 400)

    def _say(self, asked: Asked, said: Said) -> Reply:
        thinks = as_object(asked.body.get("chat_template_kwargs")).get("enable_thinking") is not False
        written = spoken(said.thought if thinks else None, said.text, list(said.calls))
        most = min(as_count(asked.body.get("max_tokens")), self.max_model_len - asked.tokens)
        tokens = count(written)
        if tokens > most:
            self.asked.remove(asked)
            return self._refuse(f"The answer has {tokens} tokens where {most} are left.", "max_tokens")
        self.known.append(asked.prompt + written)
        usage: dict[str, object] = {
            "prompt_tokens": asked.tokens,
            "completion_tokens": tokens,
            "prompt_tokens_details": {"cached_tokens": asked.cached},
        }
        chunks: list[dict[str, object]] = [*_deltas(said, thinks=thinks), {"choices": [], "usage": usage}]
        return Reply([*(b"data: " + json.dumps(chunk).encode() + b"\n\n" for chunk in chunks), b"data: [DONE]\n\n"])


def _json(body: object, status: int = 200) -> Reply:
    return Reply([json.dumps(body).encode()], status, {"content-type": "application/json"})


def _too_long(context: int, tokens: int) -> str:
    return (
        f"This model's maximum context length is {context} tokens. However, your prompt contains at least {tokens} "
        "input tokens, which exceeds this limit even without any output tokens. Please reduce the length of the input "
        f"prompt. (parameter=input_tokens, value={tokens})"
    )


def _shared(one: str, other: str) -> int:
    """Characters of the longest common beginning."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if one[:middle] == other[:middle] else (low, middle - 1)
    return low


def _deltas(said: Said, *, thinks: bool) -> list[dict[str, object]]:
    deltas: list[dict[str, object]] = [{"role": "assistant", "content": ""}]
    if thinks and said.thought:
        deltas.append({"reasoning": said.thought})
    if said.text:
        deltas.append({"content": said.text})
    for index, (name, arguments) in enumerate(said.calls):
        function = {"name": name, "arguments": json.dumps(arguments)}
        deltas.append({"tool_calls": [{"index": index, "id": f"c{index}", "type": "function", "function": function}]})
    finish = "tool_calls" if said.calls else "stop"
    ends = [None] * (len(deltas) - 1) + [finish]
    return [
        {"choices": [{"index": 0, "delta": delta, "finish_reason": end}]}
        for delta, end in zip(deltas, ends, strict=True)
    ]
