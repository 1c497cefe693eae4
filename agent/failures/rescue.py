"""Calls that stand in the text of an answer because the server's parser did not take them out.

Older servers leave Qwen's XML in the text or the reasoning (vLLM #39056, qwen-code #3730); small models write JSON: in
`<tool_call>` or `<tool_response>` tags, in a fence, or bare. Nothing is guessed, and nothing is run that was only
quoted: a call must be complete, acceptable to its tool, and end the answer, as Qwen's format demands (no suffix). The
last sentence before it must be a first person who is about to act, and must not present the call as an example or as
somebody's words; before a call in its tags on lines of its own a few words or a weaker intention will do ("Next.", "I
need to see it."). What fails this is not run: the model is asked whether it was meant, which costs one answer.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from agent.failures.announcement import announces
from agent.failures.table import Counter
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
    r"\b(?:examples?|e\.g|i\.e|instance|such as|like|formats?|forms?|syntax|samples?|templates?|snippets?|would|could|"
    r"you|users?|agents?|assistants?|models?|never|don't|do not|quot\w+|says?|said|shows?|shown|writ\w+|wrote|contains|"
    r"contained?|contain|reads|asks?|asked|suggests?|instruct\w*|comments?|issues?|messages?|logs?|payloads?|injection|"
    r"attack\w*|malicious|follow\w*|above|below|here is|this is|these are|that is|was|were|looks)\b",
    re.I,
)
# "I list the files.": a person who acts as it speaks. Verbs whose past looks the same ("I read this") are left out.
_ACTS = re.compile(
    r"(?:(?:now|next|first|then|so|ok|okay)\b[,!:]?\s+)*I\s+(?:now\s+)?"
    r"(?:list|run|look|check|open|search|view|call|use|start|inspect|execute|try|create|edit|fix)\b",
    re.I,
)
_INTENDS = re.compile(
    r"(?:\w+,?\s+)?(?:I|we)\s+(?:should|must|need|want|have to|can|am|think|see)\b|\w+ing\b|\W*(?:\w+\W*){1,3}$", re.I
)
_SENTENCE_BREAK = re.compile(r"(?<=[.!?:;])\s+")
_OPENED_WRAPPING = re.compile(r"(?:<tools>|<tool_call>|<tool_response>|[\s,\[])+$")
# Each failed attempt to read JSON costs time in proportion to the text before it.
_MOST_ATTEMPTS = 100
_CALL_KEYS = {"name", "arguments", "parameters", "id", "type"}


@dataclass(frozen=True, slots=True)
class Rescued:
    """Calls found in a text, the text without them, and the name of what had happened to them."""

    calls: tuple[ToolCall, ...]
    rest: str
    counter: Counter


@dataclass(frozen=True, slots=True)
class _Found:
    start: int
    end: int
    name: str
    arguments: JsonObject
    tagged: bool


def rescue(content: str, reasoning: str, accepts: Accepts) -> Rescued | None:
    """The calls of an answer that ended of itself; from its reasoning only if there is nothing else."""
    found = [_typed(call, accepts) for call in _calls(content)]
    if found:
        if not all(accepts(call.name, call.arguments) for call in found) or not _meant(found, content):
            return None
        return Rescued(_made(found), _without(found, content), _counter(found[0], content))
    if content.strip():
        return None
    found = [_typed(call, accepts) for call in _calls(reasoning)]
    if not found or not all(call.tagged and accepts(call.name, call.arguments) for call in found):
        return None
    if _fenced(found[0], reasoning) or not _meant(found, reasoning):
        return None
    return Rescued(_made(found), content, "call_in_reasoning")


def _counter(call: _Found, text: str) -> Counter:
    start = text[call.start : call.start + 200]
    if "<function=" not in start.partition("{")[0]:
        return "call_as_json"
    return "call_in_text" if start.startswith("<tool_call>") else "call_without_wrapper"


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
    if any(_quoted(call, text) for call in calls) or not _nothing_but(calls, text):
        return False
    before, fenced = text[: calls[0].start].rstrip(), _fenced(calls[0], text)
    if fenced:
        before, _, language = before.rpartition("```")
        if language.strip() not in _CALL_FENCES:
            return False
    before = _OPENED_WRAPPING.sub("", before)
    if not before or announces(before):
        return True
    line = before.rpartition("\n")[2]
    sentence = _SENTENCE_BREAK.split(line.rstrip(".:…! "))[-1]
    if _PRESENTED.search(sentence):
        return False
    plain = all(call.tagged for call in calls) and not fenced and _begins_a_line(calls[0], text)
    return bool(_ACTS.match(sentence) or (plain and not line.endswith(":") and _INTENDS.match(sentence)))


def _begins_a_line(call: _Found, text: str) -> bool:
    """Whether nothing stands before the call on its line: an indented one is a block of code in Markdown."""
    line = text[text.rfind("\n", 0, call.start) + 1 : call.start]
    return not line.strip() and len(line.expandtabs(4)) < 4


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
