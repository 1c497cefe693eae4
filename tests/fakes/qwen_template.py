"""Qwen's chat templates in short: what a prompt looks like, with the differences between their versions.

`variant` is 3.5 as forks ship it (no empty <think> block for a step without thinking), `json` an older Qwen that
describes tools as JSON, `plain` one without tools' XML or thinking, `dropping` one that forgets reasoning.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Literal, cast

Template = Literal["3.5", "3.6", "3.8", "variant", "json", "dropping", "deaf"]
Message = Mapping[str, object]
EFFORT = "Reasoning effort is set to xhigh. Please think carefully.\n\n"


def render(
    template: Template, messages: Sequence[Message], tools: Sequence[object], kwargs: Mapping[str, object]
) -> str:
    """The prompt with the opening of the next answer. `deaf` ignores enable_thinking."""
    thinking = template == "deaf" or kwargs.get("enable_thinking", True) is not False
    keep = kwargs.get("preserve_thinking") is True if template == "3.6" else template == "3.8"
    system = str(messages[0]["content"]) if messages[0]["role"] == "system" else ""
    text = _system(template, system, tools, thinking)
    last = max(index for index, message in enumerate(messages) if message["role"] == "user")
    for index, message in enumerate(messages):
        if message["role"] == "assistant":
            text += _assistant(template, message, keep or index > last)
        elif message["role"] == "tool":
            text += f"<|im_start|>user\n<tool_response>\n{message['content']}\n</tool_response><|im_end|>\n"
        elif message["role"] == "user":
            text += f"<|im_start|>user\n{_content(message['content'])}<|im_end|>\n"
    if template == "json":
        return f"{text}<|im_start|>assistant\n"
    return f"{text}<|im_start|>assistant\n<think>\n" + ("" if thinking else "\n</think>\n\n")


def _system(template: Template, system: str, tools: Sequence[object], thinking: bool) -> str:
    effort = EFFORT if template == "3.8" and thinking else ""
    described = "".join(f"\n{json.dumps(tool)}" for tool in tools)
    form = '{"name": <function-name>}' if template == "json" else "<function=example>\n<parameter=one>"
    head = f"{effort}# Tools{described}\n{form}\n\n" if tools else effort
    return f"<|im_start|>system\n{head}{system}<|im_end|>\n" if head or system else ""


def _assistant(template: Template, message: Message, with_thought: bool) -> str:
    reasoning = message.get("reasoning") or message.get("reasoning_content") or ""
    block = f"<think>\n{reasoning}\n</think>\n\n"
    if template in ("json", "dropping") or not with_thought or (template == "variant" and not reasoning):
        block = ""
    calls = "".join(
        _call(template, cast("Message", call)) for call in cast("list[object]", message.get("tool_calls", []))
    )
    return f"<|im_start|>assistant\n{block}{message['content']}{calls}<|im_end|>\n"


def _call(template: Template, call: Message) -> str:
    function = cast("Mapping[str, str]", call["function"])
    text = f"\n\n<tool_call>\n<function={function['name']}>\n"
    for name, value in cast("Mapping[str, object]", json.loads(function["arguments"])).items():
        shown = value if isinstance(value, str) else json.dumps(value) if template in ("3.6", "3.8") else str(value)
        text += f"<parameter={name}>\n{shown}\n</parameter>\n"
    return f"{text}</function>\n</tool_call>"


def _content(content: object) -> str:
    if isinstance(content, str):
        return content
    parts = cast("list[Message]", content)
    return "".join(str(part.get("text", "<|vision_start|><|image_pad|><|vision_end|>")) for part in parts)
