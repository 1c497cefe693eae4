"""What an answer of the model amounts to: calls to run, a final answer, or a fault with a name.

vLLM's parsers lose or damage calls in ways that are measured (vLLM #39056, #55495; qwen-code #3730). A call found in
the text is taken only if it is complete and names an offered tool: nothing is guessed.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from agent.json_types import JsonObject, as_object, as_text
from agent.messages import ToolCall
from agent.thinking import Fault
from agent.turn import ModelTurn

# True when the arguments are acceptable to the named tool.
Accepts: TypeAlias = Callable[[str, JsonObject], bool]

_XML_CALL = re.compile(
    r"(?:<tool_call>\s*)?<function=([\w.-]+)>\s*((?:<parameter=[\w.-]+>.*?</parameter>\s*)*)</function>(?:\s*</tool_call>)?",
    re.S,
)
_XML_PARAMETER = re.compile(r"<parameter=([\w.-]+)>\n?(.*?)\n?</parameter>", re.S)
_ANNOUNCEMENT = re.compile(
    r"(?:^|[.!?\n]\s*)(?:now |next,? |first,? )?"
    r"(?:i'll|i will|let me(?! know)|i am going to|i'm going to|let's)\b[^.!?\n]*[.:…]*\s*$",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Calls:
    """Calls to run. `rescued` when they stood in the text, not in the server's fields; `content` is the rest of it."""

    calls: tuple[ToolCall, ...]
    content: str
    rescued: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """A final answer: text and no call."""

    text: str


@dataclass(frozen=True, slots=True)
class Faulty:
    """An answer that cannot be used as it is; `detail` is a sentence for the log and for people."""

    fault: Fault
    detail: str


Judgement: TypeAlias = Calls | Answer | Faulty


def judge(turn: ModelTurn, accepts: Accepts) -> Judgement:
    """What to do with an answer. Calls with damaged arguments still count as calls: their results will say so."""
    if turn.calls:
        return Calls(turn.calls, turn.content)
    if rescued := rescue(turn, accepts):
        return rescued
    if turn.finish_reason == "length":
        where = "its reasoning" if not turn.content.strip() else "its text"
        fault: Fault = "runaway" if not turn.content.strip() else "truncated"
        return Faulty(fault, f"The answer was cut by the token limit inside {where}.")
    if turn.finish_reason == "repetition":
        return Faulty("runaway", "The server stopped the answer because it repeated itself.")
    if not turn.content.strip():
        ended = "inside its reasoning" if turn.reasoning.strip() else "before the first word"
        return Faulty("empty", f"The model ended its answer {ended}.")
    if _ANNOUNCEMENT.search(turn.content.strip()):
        return Faulty("announced", "The model announced an action and called no tool.")
    return Answer(turn.content.strip())


def rescue(turn: ModelTurn, accepts: Accepts) -> Calls | None:
    """Calls that stand complete in the text or reasoning, in Qwen's XML form or as Hermes JSON."""
    for text, in_content in ((turn.content, True), (turn.reasoning, False)):
        found = [*_xml_calls(text), *_json_calls(text)]
        calls = [(span, name, arguments) for span, name, arguments in found if accepts(name, arguments)]
        if calls and len(calls) == len(found):
            rest = _without([span for span, _, _ in calls], text) if in_content else turn.content
            made = tuple(
                ToolCall(f"rescued-{number}", name, json.dumps(arguments, ensure_ascii=False))
                for number, (_, name, arguments) in enumerate(calls)
            )
            return Calls(made, rest, rescued=True)
    return None


_Found: TypeAlias = tuple[tuple[int, int], str, JsonObject]


def _xml_calls(text: str) -> list[_Found]:
    return [
        (match.span(), match[1], {key: value for key, value in _XML_PARAMETER.findall(match[2])})
        for match in _XML_CALL.finditer(text)
    ]


def _json_calls(text: str) -> list[_Found]:
    """Objects with a name and arguments, with whatever tags or fences stand around them."""
    decoder = json.JSONDecoder()
    found: list[_Found] = []
    position = 0
    while (start := text.find("{", position)) >= 0:
        try:
            value, end = decoder.raw_decode(text, start)
        except ValueError:
            position = start + 1
            continue
        position = end
        call = as_object(value)
        name, arguments = as_text(call.get("name")), call.get("arguments", call.get("parameters"))
        if name and isinstance(arguments, Mapping):
            found.append(((start, end), name, as_object(arguments)))
    return found


def _without(spans: list[tuple[int, int]], text: str) -> str:
    for start, end in sorted(spans, reverse=True):
        text = text[:start] + text[end:]
    text = re.sub(r"```(?:json|xml)?\s*```|</?tool_call>|</?tool_response>", "", text)
    return text.strip()


def valid_arguments(arguments: str) -> str:
    """The argument text if it is a JSON object, else "{}": the history sent to a server must always be valid."""
    return arguments if parsed_arguments(arguments) is not None else "{}"


def parsed_arguments(arguments: str) -> JsonObject | None:
    """The arguments as an object, or None when they are cut or no object. Nothing at all counts as no arguments."""
    if not arguments.strip():
        return {}
    try:
        value: object = json.loads(arguments)
    except ValueError:
        return None
    return as_object(value) if isinstance(value, dict) else None  # pyright: ignore[reportUnknownArgumentType]  # JSON
