"""Messages as the engine keeps them, and their form on the wire.

What the model said goes back byte for byte: the prefix cache holds only while the rendered history repeats its own
output. Everything else is freed of control tokens (`agent.control_tokens`). Reasoning is sent under both names that
servers have used (vLLM #27752, #33402, #38488).
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from agent.control_tokens import defused, defused_value, neutralised
from agent.json_types import JsonObject, JsonValue, as_list, as_object, as_text
from agent.pictures import Picture

_IMAGE_PART = b'"type":"image_url"'
_NO_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call of the model. `arguments` is the JSON text of an object, exactly as the server gave it."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class SystemMessage:
    """The first message of a session; there is exactly one."""

    text: str


@dataclass(frozen=True, slots=True)
class UserMessage:
    """What a person asked. Starts a turn. `pictures` stand before the text."""

    text: str
    pictures: tuple[Picture, ...] = ()


@dataclass(frozen=True, slots=True)
class Nudge:
    """A remark of the harness in mid-turn.

    Qwen's template does not count a user message wrapped in tool-response tags as a new query, so earlier reasoning of
    the turn stays in the prompt and with it the cached prefix.
    """

    text: str


@dataclass(frozen=True, slots=True)
class AssistantMessage:
    """One answer of the model, verbatim."""

    reasoning: str
    content: str
    tool_calls: tuple[ToolCall, ...]


@dataclass(frozen=True, slots=True)
class ToolMessage:
    """The answer to one call. The template links results to calls by order only. `pictures` stand before the text:
    Qwen's template draws them inside the tool response, and vLLM hands parts of a tool message on as they are when one
    of them is no text (0.32, renderers/chat_utils.py).
    """

    call_id: str
    text: str
    pictures: tuple[Picture, ...] = ()


Message: TypeAlias = SystemMessage | UserMessage | Nudge | AssistantMessage | ToolMessage


STEER_MARK = "[The user wrote this while you were working."
_STEER_HEAD = (
    f"{STEER_MARK} It comes from the user, not from a tool. Take it into account from here on and go on with the task.]"
)


def steer_text(text: str) -> str:
    """What the model reads of a person's remark in mid-turn, as a `Nudge`."""
    return f"{_STEER_HEAD}\n{text}"


def to_wire(message: Message) -> JsonObject:
    """The message in the shape of OpenAI's chat API, as vLLM reads it."""
    match message:
        case SystemMessage(text):
            return {"role": "system", "content": neutralised(text)}
        case UserMessage(text, pictures):
            return {"role": "user", "content": _with_pictures(neutralised(text), pictures)}
        case Nudge(text):
            return {"role": "user", "content": f"<tool_response>\n{neutralised(text)}\n</tool_response>"}
        case ToolMessage(call_id, text, pictures):
            content = _with_pictures(neutralised(text), pictures)
            return {"role": "tool", "tool_call_id": call_id, "content": content}
        case AssistantMessage(reasoning, content, calls):
            wire: dict[str, object] = {"role": "assistant", "content": defused(content)}
            if reasoning:
                wire |= {"reasoning": defused(reasoning), "reasoning_content": defused(reasoning)}
            if calls:
                wire["tool_calls"] = [
                    {
                        "id": call.id,
                        "type": "function",
                        "function": {"name": defused(call.name), "arguments": _defused_arguments(call.arguments)},
                    }
                    for call in calls
                ]
            return wire  # pyright: ignore[reportReturnType]  # built from the types above; dict is invariant


def _with_pictures(text: str, pictures: Sequence[Picture]) -> JsonValue:
    if not pictures:
        return text
    parts: list[JsonValue] = []
    for picture in pictures:
        parts.append({"type": "text", "text": _picture_line(neutralised(picture.line))})
        parts.append({"type": "image_url", "image_url": {"url": picture.url}})
    return [*parts, {"type": "text", "text": text}]


def _picture_line(line: str) -> str:
    return f"[picture: {line}]\n"


def _defused_arguments(arguments: str) -> str:
    """Argument text byte for byte, unless a control token stands in one of its values."""
    if defused(arguments) == arguments:
        return arguments
    return json.dumps(defused_value(as_object(json.loads(arguments))), ensure_ascii=False)


def wire_bytes(message: Message) -> bytes:
    """`to_wire` as JSON bytes, made once per message so that a step's cost does not grow with the session.

    Lone surrogates (undecodable file names, for instance) become replacement characters: the server would refuse them.
    """
    text = json.dumps(to_wire(message), ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", errors="replace")


def plain_bytes(fragment: bytes) -> bytes:
    """A message of `wire_bytes` with nothing that a strict server or proxy could refuse.

    Reasoning goes (fields that OpenAI's API does not know), characters that no text holds go, calls stay as they are.
    """
    message = as_object(json.loads(fragment))
    kept = {key: value for key, value in message.items() if key not in ("reasoning", "reasoning_content")}
    if isinstance(content := kept.get("content"), str):
        kept["content"] = _NO_TEXT.sub("", content)
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":")).encode()


def without_pictures(fragment: bytes) -> bytes:
    """A message of `wire_bytes` for a server that takes no pictures: a line about each stays."""
    if _IMAGE_PART not in fragment:
        return fragment
    message = as_object(json.loads(fragment))
    if not isinstance(parts := message.get("content"), list):
        return fragment
    told = "".join(as_text(part.get("text")) for part in map(as_object, as_list(parts)))
    text = f"{told}\n\n[This server takes no pictures: you cannot see them. Say so if you need to.]"
    return json.dumps({**message, "content": text}, ensure_ascii=False, separators=(",", ":")).encode()
