"""What an answer of the model amounts to: calls to run, a final answer, or a fault with a name.

vLLM's parsers lose or damage calls in ways that are measured (vLLM #39056, #55495; qwen-code #3730).
"""

import json
import re
from dataclasses import dataclass, replace
from typing import TypeAlias

from agent import tokens
from agent.announcement import announces
from agent.json_types import JsonObject, JsonValue, parse_object
from agent.messages import ToolCall
from agent.rescue import Accepts, holds_a_call, rescue
from agent.thinking import Fault
from agent.turn import ModelTurn, Usage

# Arguments nested deeper than this are no arguments of ours, and whatever walks them would have to be careful.
DEEPEST = 60
# The tokens around an answer: end of turn, </think> and the blank line after it.
# ChatML marks spelled out in an answer: it has run past its own end.
_OTHER_SIDE = re.compile(r"<\|(?:im_start|im_end|endoftext)\|>")
_FEWEST_LOST = 8
_FRAME_TOKENS = 4
_ESCAPED_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


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
        return Calls(_marked_cut(turn), turn.content)
    if turn.finish_reason == "length":
        where = "its reasoning" if not turn.content.strip() else "its text"
        fault: Fault = "runaway" if not turn.content.strip() else "truncated"
        return Faulty(fault, f"The answer was cut by the token limit of the request inside {where}.")
    if turn.finish_reason == "budget":
        return Faulty("budget", "The thinking reached its budget: the stream was closed, what was thought is kept.")
    if turn.finish_reason == "loop":
        return Faulty("runaway", "The answer repeated itself: the stream was closed.")
    if turn.finish_reason == "repetition":
        return Faulty("runaway", "The server stopped the answer because it repeated itself.")
    if found := rescue(turn.content, turn.reasoning, accepts):
        return Calls(found.calls, found.rest, rescued=True)
    if not turn.content.strip():
        return Faulty("empty", _how_empty(turn))
    return _judge_text(turn, accepts)


def _judge_text(turn: ModelTurn, accepts: Accepts) -> Judgement:
    """A text without calls: an answer, unless something says that more was meant."""
    if holds_a_call(turn.content, accepts):
        return Faulty("announced", "A tool call stands in the text, quoted or in a form that cannot be run.")
    if _OTHER_SIDE.search(turn.content):
        return Faulty("runaway", "The model went on to write the other side of the conversation.")
    if lost := _lost_tokens(turn):
        return Faulty(
            "announced", f"The server dropped about {lost} tokens behind the text: a call that it cannot read?"
        )
    if announces(turn.content):
        return Faulty("announced", "The model announced an action and called no tool.")
    return Answer(turn.content.strip())


def _lost_tokens(turn: ModelTurn) -> int:
    """Tokens of an answer that neither its text nor its reasoning accounts for; 0 when that is within the usual.

    Counted exactly only when a rough look finds the text suspiciously short: ordinary text has four bytes a token.
    """
    usage = turn.usage
    if usage is None or (turn.reasoning and not usage.reasoning_tokens):
        return 0
    said = usage.completion_tokens - usage.reasoning_tokens
    if said <= _FRAME_TOKENS + len(turn.content.encode("utf-8", "replace")) // 3:
        return 0
    lost = said - tokens.count(turn.content) - _FRAME_TOKENS
    return lost if lost > _FEWEST_LOST else 0


def _marked_cut(turn: ModelTurn) -> tuple[ToolCall, ...]:
    """The calls; one that was cut before its arguments began does not pass for a call without arguments."""
    last = turn.calls[-1]
    if turn.finish_reason == "length" and not last.arguments.strip():
        return (*turn.calls[:-1], replace(last, arguments="{"))
    return turn.calls


def _how_empty(turn: ModelTurn) -> str:
    """Where an empty answer ended.

    Tokens that are neither reasoning nor text were a call that the server's parser lost: vLLM drops calls written as
    JSON where its parser expects XML.
    """
    usage = turn.usage or Usage()
    lost = usage.completion_tokens - usage.reasoning_tokens
    if lost > _FRAME_TOKENS and (usage.reasoning_tokens or not turn.reasoning):
        return f"The server dropped {lost} of its tokens: a call in a form that its tool parser does not read?"
    ended = "inside its reasoning" if turn.reasoning.strip() else "before the first word"
    return f"The model ended its answer {ended}."


def valid_arguments(arguments: str) -> str:
    """The argument text if it is a JSON object, else "{}": the history sent to a server must always be valid.

    Escaped lone surrogates become question marks: vLLM cannot tokenise them and would refuse every later request.
    """
    parsed = parsed_arguments(arguments)
    if parsed is None or not arguments.strip():
        return "{}"
    if not _ESCAPED_SURROGATE.search(arguments):
        return arguments
    text = json.dumps(parsed, ensure_ascii=False)
    clean = text.encode("utf-8", "replace").decode()
    return arguments if clean == text else clean


# No answer of the model is as long as this; a server or a proxy that sends more must not fill the history.
MOST_ARGUMENT_CHARACTERS = 400_000


def parsed_arguments(arguments: str) -> JsonObject | None:
    """The arguments as an object, or None when they are cut or no object. Nothing at all counts as no arguments."""
    if not arguments.strip():
        return {}
    parsed = parse_object(arguments) if len(arguments) <= MOST_ARGUMENT_CHARACTERS else None
    return None if parsed is None or _too_deep(parsed) else parsed


def _too_deep(value: JsonValue) -> bool:
    level: list[JsonValue] = [value]
    for _ in range(DEEPEST):
        inner: list[JsonValue] = []
        for item in level:
            if isinstance(item, dict):
                inner.extend(item.values())
            elif isinstance(item, list):
                inner.extend(item)
        if not inner:
            return False
        level = inner
    return True
