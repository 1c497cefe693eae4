"""What an answer of the model amounts to: calls to run, a final answer, or a fault with a name.

vLLM's parsers lose or damage calls in ways that are measured (vLLM #39056, #55495; qwen-code #3730).
"""

import json
import re
from dataclasses import dataclass, replace
from typing import TypeAlias

from agent.failures.accounting import FRAME_TOKENS, lost_tokens
from agent.failures.announcement import announces
from agent.failures.rescue import Accepts, holds_a_call, rescue
from agent.failures.table import Counter
from agent.json_types import JsonObject, JsonValue, parse_object
from agent.messages import ToolCall
from agent.thinking import Fault
from agent.turn import ModelTurn, Usage

# Arguments nested deeper than this are no arguments of ours, and whatever walks them would have to be careful.
DEEPEST = 60
# ChatML marks spelled out in an answer: it has run past its own end.
_OTHER_SIDE = re.compile(r"<\|(?:im_start|im_end|endoftext)\|>")
# The end of reasoning on a line of its own, as the model writes it and a server without a reasoning parser leaves it.
_END_OF_REASONING = re.compile(r"\A(?:<think>)?(.*?)(?:\A|\n)</think>(?:\n+|\Z)", re.S)
_ESCAPED_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


@dataclass(frozen=True, slots=True)
class Calls:
    """Calls to run. `rescued` names how they stood in the text instead of the server's fields; `content` is the rest.

    `lost` is about how many tokens of the answer did not arrive: a value may be cut.
    """

    calls: tuple[ToolCall, ...]
    content: str
    rescued: Counter | None = None
    lost: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """A final answer: text and no call."""

    text: str


@dataclass(frozen=True, slots=True)
class Faulty:
    """An answer that cannot be used as it is: how to meet it, its name in the table, a sentence for log and people."""

    fault: Fault
    counter: Counter
    detail: str


Judgement: TypeAlias = Calls | Answer | Faulty


def separated(turn: ModelTurn) -> ModelTurn:
    """The answer with its reasoning in the field of its own, where the server left it in the text (vLLM #34684)."""
    found = None if turn.reasoning else _END_OF_REASONING.match(turn.content)
    if found is None:
        return turn
    return replace(turn, reasoning=found[1].removeprefix("\n"), content=turn.content[found.end() :])


def judge(turn: ModelTurn, accepts: Accepts) -> Judgement:
    """What to do with an answer. Calls with damaged arguments still count as calls: their results will say so."""
    if turn.calls:
        return Calls(_marked_cut(turn), turn.content, lost=lost_tokens(turn))
    if faulty := _judge_end(turn):
        return faulty
    if found := rescue(turn.content, turn.reasoning, accepts):
        return Calls(found.calls, found.rest, found.counter)
    if not turn.content.strip():
        return _judge_nothing(turn)
    return _judge_text(turn, accepts)


def _judge_end(turn: ModelTurn) -> Faulty | None:
    """An answer without calls that did not end of itself."""
    where = "text" if turn.content.strip() else "reasoning"
    match turn.finish_reason:
        case "length" if where == "text":
            return Faulty("truncated", "cut_in_text", "The answer was cut by the token limit inside its text.")
        case "length":
            return Faulty("runaway", "cut_in_reasoning", "The answer was cut by the token limit inside its reasoning.")
        case "budget":
            sentence = "The thinking reached its budget: the stream was closed, what was thought is kept."
            return Faulty("budget", "reasoning_over_budget", sentence)
        case "loop":
            return Faulty("runaway", "answer_repeats", f"The answer's {where} repeated itself: the stream was closed.")
        case "repetition":
            return Faulty("runaway", "answer_repeats", f"The server ended the answer: its {where} repeated itself.")
        case _:
            return None


def _judge_text(turn: ModelTurn, accepts: Accepts) -> Judgement:
    """A text without calls: an answer, unless something says that more was meant."""
    if holds_a_call(turn.content, accepts):
        return Faulty(
            "announced", "call_quoted", "A tool call stands in the text, quoted or in a form that cannot be run."
        )
    if _OTHER_SIDE.search(turn.content):
        return Faulty("runaway", "other_side", "The model went on to write the other side of the conversation.")
    if lost := lost_tokens(turn):
        sentence = f"The server dropped about {lost} tokens behind the text: a call that it cannot read?"
        return Faulty("announced", "call_dropped", sentence)
    if announces(turn.content):
        return Faulty("announced", "call_announced", "The model announced an action and called no tool.")
    return Answer(turn.content.strip())


def _marked_cut(turn: ModelTurn) -> tuple[ToolCall, ...]:
    """The calls; one that was cut before its arguments began does not pass for a call without arguments."""
    last = turn.calls[-1]
    if turn.finish_reason == "length" and not last.arguments.strip():
        return (*turn.calls[:-1], replace(last, arguments="{"))
    return turn.calls


def _judge_nothing(turn: ModelTurn) -> Faulty:
    """An empty answer, by where it ended.

    Tokens that are neither reasoning nor text were a call that the server's parser lost: vLLM drops calls written as
    JSON where its parser expects XML.
    """
    usage = turn.usage or Usage()
    lost = usage.completion_tokens - usage.reasoning_tokens
    if lost > FRAME_TOKENS and (usage.reasoning_tokens or not turn.reasoning):
        sentence = f"The server dropped {lost} of its tokens: a call in a form that its tool parser does not read?"
        return Faulty("announced", "call_dropped", sentence)
    ended = "inside its reasoning" if turn.reasoning.strip() else "before the first word"
    return Faulty("empty", "empty_answer", f"The model ended its answer {ended}.")


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
