"""A vLLM in small: chat template, tokenizer, parsers, prefix cache and metrics, each of which can be set up wrongly.

It answers with the fields of vLLM 0.32. The model does what it is told, unless `obliging` is off.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Literal, cast

from tests.fakes.qwen_template import Template, render
from tests.fakes.routes import Body, Route, Said, always

MODEL = "Qwen/Qwen3.5-122B-A10B"


@dataclass(slots=True)
class FakeVllm:
    """How the server is set up. `unit` None: the cache is found again only at a prompt's last whole block."""

    template: Template = "3.5"
    tool_parser: Literal["qwen3_coder", "hermes", "none", "off", "cutting"] = "qwen3_coder"
    reasoning_parser: bool = True
    details: bool = True
    caching: bool = True
    unit: int | None = 16
    block: int = 200
    obliging: bool = True
    forcible: bool = True
    strict: bool = True
    tokenizer: bool = True
    token_ids: bool = True
    metrics: bool = True
    speculative: bool = False
    garbled: bool = False
    images: Literal["refused", "read", "dropped"] = "refused"
    context: int = 131072
    _ids: dict[str, int] = field(default_factory=dict[str, int])
    _seen: list[list[int]] = field(default_factory=list[list[int]])
    _hits: int = 0

    def routes(self) -> dict[str, Route]:
        """All paths of the server."""
        listing = {"data": [{"id": MODEL, "owned_by": "vllm", "root": MODEL, "max_model_len": self.context}]}
        routes: dict[str, Route] = {
            "/v1/models": always(listing),
            "/version": always({"version": "0.32.0"}),
            "/v1/chat/completions": self._chat,
        }
        if self.tokenizer:
            routes |= {"/tokenize": self._tokenize, "/detokenize": self._detokenize}
        if self.metrics:
            routes["/metrics"] = self._metrics
        return routes

    def _encode(self, text: str) -> list[int]:
        return [self._ids.setdefault(piece, len(self._ids)) for piece in re.findall(r"\s|[^\s]{1,4}", text)]

    def _decode(self, tokens: Sequence[object]) -> str:
        pieces = list(self._ids)
        return "".join(pieces[token] for token in tokens if isinstance(token, int))

    def _prompt(self, body: Body) -> str:
        messages = cast("list[Mapping[str, object]]", body["messages"])
        kwargs = cast("Mapping[str, object]", body.get("chat_template_kwargs", {}))
        return render(self.template, messages, cast("list[object]", body.get("tools", [])), kwargs)

    def _tokenize(self, body: Body) -> Said:
        tokens = self._encode(self._prompt(body))
        return Said({"count": len(tokens), "tokens": tokens})

    def _detokenize(self, body: Body) -> Said:
        return Said({"prompt": self._decode(cast("list[object]", body["tokens"]))})

    def _metrics(self, _: Body) -> Said:
        unit = f'prefix_match_unit="{self.unit}"'
        cache = f'block_size="{self.block}",enable_prefix_caching="{self.caching}",{unit}'
        lines = [
            f"vllm:cache_config_info{{{cache}}} 1.0",
            "# HELP vllm:num_requests_running x",
            'vllm:num_requests_running{engine="0"} 1.0',
            'vllm:num_requests_waiting{engine="0"} 0.0',
            f'vllm:prefix_cache_hits_total{{engine="0"}} {float(self._hits)}',
        ]
        if self.speculative:
            lines.append('vllm:spec_decode_num_drafts_total{engine="0"} 3.0')
        return Said("\n".join(lines))

    def _cached(self, tokens: list[int]) -> int:
        """Tokens of the prompt that are found again; the prompt itself is remembered."""
        found = 0
        for seen in self._seen if self.caching else ():
            common = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(tokens, seen, strict=False)))
            if self.unit:
                found = max(found, min(common, len(tokens) - 1) // self.unit * self.unit)
            elif common >= (boundary := len(seen) // self.block * self.block) and boundary < len(tokens):
                found = max(found, boundary)
        self._seen.append(tokens)
        self._hits += found
        return found

    def _chat(self, body: Body) -> Said:
        refusal = self._refusal(body)
        if refusal is not None:
            return refusal
        prompt = self._prompt(body)
        tokens = self._encode(prompt)
        if self.images == "dropped":
            tokens = self._encode(prompt.replace("<|vision_start|><|image_pad|><|vision_end|>", ""))
        cached = self._cached(tokens)
        written = self._encode(self._words(body, prompt, cached))[: cast("int", body["max_tokens"])]
        message = self._parsed(self._decode(written), prompt.endswith("<think>\n"))
        usage: dict[str, object] = {"prompt_tokens": len(tokens), "completion_tokens": len(written)}
        if self.details:
            usage["prompt_tokens_details"] = {"cached_tokens": cached}
        finish = "tool_calls" if "tool_calls" in message else "stop"
        choice: dict[str, object] = {"index": 0, "finish_reason": finish}
        if body.get("return_token_ids") and self.token_ids:
            choice["token_ids"] = written
        if body.get("stream"):
            return Said(list(_events(message, choice, usage)))
        shown = prompt if body.get("return_prompt_text") else None
        return Said({"choices": [{**choice, "message": message}], "usage": usage, "prompt_text": shown})

    def _refusal(self, body: Body) -> Said | None:
        if "image_url" in json.dumps(body["messages"]) and self.images == "refused":
            return Said({"error": {"message": f"{MODEL} is not a multimodal model", "code": 400}}, 400)
        if body.get("tools") and body.get("tool_choice", "auto") == "auto" and self.tool_parser == "off":
            words = '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set'
            return Said({"error": {"message": words, "code": 400}}, 400)
        if not self.forcible and (body.get("structured_outputs") or body.get("tool_choice") == "required"):
            return Said({"error": {"message": "Internal server error", "code": 500}}, 500)
        return None

    def _words(self, body: Body, prompt: str, cached: int) -> str:
        """What the model writes."""
        forced = cast("Mapping[str, list[str]]", body.get("structured_outputs") or {}).get("choice")
        asked = re.findall(r"<\|im_start\|>user\n(.*?)<\|im_end\|>", prompt, re.DOTALL)[-1]
        text = "1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12"
        if self.garbled and cached > 100:
            text = "!!!!"
        if (body.get("tools") and asked.startswith("Call") and self.obliging) or body.get("tool_choice") == "required":
            text = _call(body, self.strict)
        text = forced[0] if forced else text
        return f"Let me see.\n</think>\n\n{text}" if prompt.endswith("<think>\n") else text

    def _parsed(self, raw: str, thinking: bool) -> dict[str, object]:
        reasoning, content = "", raw
        if self.reasoning_parser and thinking:
            reasoning, _, content = raw.partition("</think>")
        message: dict[str, object] = {"role": "assistant", "content": content, "reasoning": reasoning or None}
        found = re.search(r"<function=(\w+)>\n<parameter=(\w+)>\n(.*?)\n</parameter>", content)
        if found is None or self.tool_parser == "none":
            return message
        if self.tool_parser == "hermes":
            return {**message, "content": ""}
        arguments = "{}" if self.tool_parser == "cutting" else json.dumps({found[2]: found[3]})
        call = {"id": "call-1", "type": "function", "function": {"name": found[1], "arguments": arguments}}
        return {**message, "content": "", "tool_calls": [call]}


def _call(body: Body, enforced: bool) -> str:
    tool = cast("list[Mapping[str, Mapping[str, object]]]", body["tools"])[0]["function"]
    schema = json.loads(json.dumps(tool["parameters"]))["properties"]["word"]
    word = schema["enum"][0] if enforced and tool.get("strict") else "blue"
    return f"<tool_call>\n<function={tool['name']}>\n<parameter=word>\n{word}\n</parameter>\n</function>\n</tool_call>"


def _events(message: Mapping[str, object], choice: Mapping[str, object], usage: Mapping[str, object]) -> Iterator[str]:
    def chunk(delta: Mapping[str, object], **more: object) -> str:
        return json.dumps({"choices": [{"index": 0, "delta": delta, **more}]})

    yield chunk({"role": "assistant", "content": ""})
    for name in ("reasoning", "content"):
        for piece in re.findall(r"\s|\S+", str(message[name] or "")):
            yield chunk({name: piece})
    for call in cast("list[Mapping[str, Mapping[str, str]]]", message.get("tool_calls", [])):
        function = call["function"]
        yield chunk({"tool_calls": [{"index": 0, **call, "function": {**function, "arguments": ""}}]})
        yield chunk({"tool_calls": [{"index": 0, "function": {"arguments": function["arguments"]}}]})
    yield chunk({}, finish_reason=choice["finish_reason"], token_ids=choice.get("token_ids"))
    yield json.dumps({"choices": [], "usage": usage})
    yield "[DONE]"
