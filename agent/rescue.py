"""Calls that stand in the text of an answer because the server's parser did not take them out.

Older servers leave Qwen's XML in the text or the reasoning (vLLM #39056, qwen-code #3730); small models write JSON: in
`<tool_call>` or `<tool_response>` tags, in a fence, or bare. Nothing is guessed, and nothing is run that was only
quoted: a call must be complete and acceptable to its tool, and must stand where a call stands. Tags of a call may have
prose around them, as the server's own parser allows. Anything else (JSON, or a call inside a fence) must begin a line
and end the answer, and the sentence before it must not present it as an example or as somebody's words.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from agent.json_types import JsonObject, JsonValue, as_object, as_text, parse_object
from agent.messages import ToolCall

# True when the arguments are acceptable to the named tool.
Accepts: TypeAlias = Callable[[str, JsonObject], bool]

_OPENER = re.compile(
    r"(?:<tool_call>\s*)?<function=(?P<xml>[\w.-]+)>|(?P<tag><tool_call>)\s*(?=\{)|"
    r"(?:<tool_response>\s*|^[ \t]*(?:\[\s*)?)(?=\{)",
    re.M,
)
_PARAMETER = re.compile(r"\s*<parameter=([\w.-]+)>\n?")
_PARAMETER_END = "</parameter>"
_XML_END = re.compile(r"\s*</function>(?:\s*</tool_call>)?")
_TAG_END = re.compile(r"\s*</tool_(?:call|response)>")
_NEXT_OBJECT = re.compile(r"[\s,]*(?=\{)")
_FILLER = re.compile(r"```[\w-]*|</?tool_call>|</?tool_response>|</?tools>|[\s,\[\]]")
_CALL_FENCES = ("", "json", "xml", "tool_call", "tool_code")
_EMPTY_WRAPPING = re.compile(r"```[\w-]*[\s,\[\]]*```|</?tool_call>|</?tool_response>|</?tools>")
_PRESENTED = re.compile(
    r"\b(?:examples?|e\.g|instance|such as|formats?|looks? like|syntax|samples?|templates?|would|could|quot\w+|says?|"
    r"said|wrote|written|contains?|reads|asks?|asked|suggests?|instruct\w*|comments?|issues?|messages?|logs?)\b",
    re.I,
)
# Each failed attempt to read JSON costs time in proportion to the text before it.
_MOST_ATTEMPTS = 100
_CALL_KEYS = {"name", "arguments", "parameters", "id", "type"}


@dataclass(frozen=True, slots=True)
class Rescued:
    """Calls found in a text, and the text without them."""

    calls: tuple[ToolCall, ...]
    rest: str


@dataclass(frozen=True, slots=True)
class _Found:
    start: int
    end: int
    name: str
    arguments: JsonObject
    tagged: bool


def rescue(content: str, reasoning: str, accepts: Accepts) -> Rescued | None:
    """The calls of an answer that ended of itself; from its reasoning only if that ends in them and nothing follows."""
    found = [_typed(call, accepts) for call in _calls(content)]
    if found:
        calls = [call for call in found if accepts(call.name, call.arguments)]
        if len(calls) < len(found) or not _meant(calls, content):
            return None
        return Rescued(_made(calls), _without(calls, content))
    if content.strip():
        return None
    found = [_typed(call, accepts) for call in _calls(reasoning)]
    if not found or not all(call.tagged and accepts(call.name, call.arguments) for call in found):
        return None
    if _fenced(found[0], reasoning) or not _nothing_but(found, reasoning):
        return None
    return Rescued(_made(found), content)


def holds_a_call(content: str, accepts: Accepts) -> bool:
    """Whether a text holds something that was perhaps meant as a call: the tags of one, or JSON that a tool accepts."""
    if "<tool_call>" in content or "<function=" in content:
        return True
    return any(accepts(call.name, call.arguments) for call in _calls(content))


def _calls(text: str) -> Iterator[_Found]:
    """Complete calls from left to right; what stands inside the values of a call or of other JSON is passed over."""
    decoder = json.JSONDecoder()
    position, listed, failed = 0, False, 0
    while opener := (listed and _NEXT_OBJECT.match(text, position)) or _OPENER.search(text, position):
        listed = False
        groups = opener.groupdict()
        if name := groups.get("xml"):
            arguments, end = _xml_arguments(text, opener.end())
            if arguments is not None:
                yield _Found(opener.start(), end, name, arguments, tagged=True)
            position = end
            continue
        try:
            value, end = decoder.raw_decode(text, opener.end())
        except (ValueError, RecursionError):
            position, failed = opener.end() + 1, failed + 1
            if failed == _MOST_ATTEMPTS:
                return
            continue
        call = as_object(value)
        if call.get("type") == "function" and set(call) <= {"type", "function", "id"}:
            call = as_object(call.get("function"))
        name, arguments = as_text(call.get("name")), call.get("arguments", call.get("parameters"))
        if name and isinstance(arguments, dict) and set(call) <= _CALL_KEYS:
            tag_end = _TAG_END.match(text, end)
            end = tag_end.end() if tag_end else end
            yield _Found(opener.start(), end, name, as_object(arguments), tagged=bool(groups.get("tag")))
            listed = True
        position = end


def _xml_arguments(text: str, position: int) -> tuple[JsonObject | None, int]:
    """The parameters from here to the end of the function, and where that is; None when it is not complete."""
    arguments: dict[str, JsonValue] = {}
    while parameter := _PARAMETER.match(text, position):
        end = text.find(_PARAMETER_END, parameter.end())
        if end < 0 or parameter[1] in arguments:
            return None, parameter.end()
        arguments[parameter[1]] = text[parameter.end() : end].removesuffix("\n")
        position = end + len(_PARAMETER_END)
    end_mark = _XML_END.match(text, position)
    return (arguments, end_mark.end()) if end_mark else (None, position)


def _typed(call: _Found, accepts: Accepts) -> _Found:
    """The call with values read as JSON where that makes it acceptable: XML has no types, the tool's schema has."""
    if accepts(call.name, call.arguments):
        return call
    values = {key: _value(value) for key, value in call.arguments.items()}
    return _Found(call.start, call.end, call.name, values, call.tagged) if accepts(call.name, values) else call


def _value(text: JsonValue) -> JsonValue:
    wrapped = parse_object(f'{{"value":{text}}}') if isinstance(text, str) else None
    return wrapped["value"] if wrapped and list(wrapped) == ["value"] else text


def _meant(calls: list[_Found], text: str) -> bool:
    """Whether the calls stand as calls and not as quotations; see the module."""
    if any(_quoted(call, text) for call in calls):
        return False
    fenced = _fenced(calls[0], text)
    if all(call.tagged for call in calls) and not fenced:
        return True
    before = text[: calls[0].start].rstrip()
    if fenced:
        before, _, language = before.rpartition("```")
        if language.strip() not in _CALL_FENCES:
            return False
    return _nothing_but(calls, text) and not _PRESENTED.search(before.rstrip().rpartition("\n")[2])


def _quoted(call: _Found, text: str) -> bool:
    line = text[text.rfind("\n", 0, call.start) + 1 : call.start].strip()
    return line.startswith(">") or (line.endswith(("`", '"', "'")) and not line.endswith("```"))


def _fenced(call: _Found, text: str) -> bool:
    return text.count("```", 0, call.start) % 2 == 1


def _nothing_but(calls: list[_Found], text: str) -> bool:
    """Whether nothing but wrapping stands between the calls and after them."""
    ends = [*(call.start for call in calls[1:]), len(text)]
    return all(not _FILLER.sub("", text[call.end : end]) for call, end in zip(calls, ends, strict=True))


def _made(calls: list[_Found]) -> tuple[ToolCall, ...]:
    return tuple(
        ToolCall(f"rescued-{number}", call.name, json.dumps(call.arguments, ensure_ascii=False))
        for number, call in enumerate(calls)
    )


def _without(calls: list[_Found], text: str) -> str:
    for call in reversed(calls):
        text = text[: call.start] + text[call.end :]
    return _EMPTY_WRAPPING.sub("", text).strip()
