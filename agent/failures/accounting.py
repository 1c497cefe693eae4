"""Finds what a server's parser dropped, by its own bill: tokens that it counted and that never arrived.

vLLM's parsers lose text without a word: a call in JSON where XML is expected vanishes, a value ends at a literal
`</parameter>`. The tokens are in `usage` all the same. Measured on vLLM 0.32: an answer that arrived whole is billed
0 to 3 tokens more than its canonical rendering has; a lost line shows.
"""

import json
import re

from agent import tokens
from agent.json_types import parse_object
from agent.turn import ModelTurn

# The tokens around an answer: end of turn, </think> and the blank line after it.
FRAME_TOKENS = 4
# Fewer than this may be a matter of how the model cut its words into tokens.
FEWEST_LOST = 8
# In a call nothing but the value is free, so a shorter loss shows; the share is for long values.
FEWEST_LOST_IN_CALL = 5
LEAST_LOST_SHARE = 0.02
# Values are cut at tags, and who closes a tag has opened one. Without any, the rough look is enough.
_TAG = re.compile(r"<\\*/?[A-Za-z]")


def lost_tokens(turn: ModelTurn) -> int:
    """Tokens of an answer that neither its text, its reasoning nor its calls account for; 0 within the usual.

    Counted exactly only where `suspicious`, because that costs 60 MB and, the first time, half a second.
    """
    usage = turn.usage
    if usage is None or not suspicious(turn):
        return 0
    said = usage.completion_tokens - usage.reasoning_tokens
    called = sum(2 + tokens.count(_rendered(call.name, call.arguments)) for call in turn.calls)
    lost = said - tokens.count(turn.content) - called - FRAME_TOKENS
    least = max(FEWEST_LOST_IN_CALL, called * LEAST_LOST_SHARE) if turn.calls else FEWEST_LOST
    return lost if lost > least else 0


def suspicious(turn: ModelTurn) -> bool:
    """Whether an exact count is worth its price: text that is short for its bill, or values that hold tags."""
    usage = turn.usage
    if usage is None or (turn.reasoning and not usage.reasoning_tokens) or turn.finish_reason == "length":
        return False
    if any(_TAG.search(call.arguments) for call in turn.calls):
        return all(parse_object(call.arguments) is not None for call in turn.calls)
    if turn.calls:
        return False
    # Ordinary text has four bytes a token.
    said = usage.completion_tokens - usage.reasoning_tokens
    return said > FRAME_TOKENS + len(turn.content.encode("utf-8", "replace")) // 3


def _rendered(name: str, arguments: str) -> str:
    """A call as Qwen's template renders it and the model writes it, without the two special tokens around it."""
    values = parse_object(arguments) or {}
    texts = {key: value if isinstance(value, str) else json.dumps(value) for key, value in values.items()}
    lines = "".join(f"<parameter={key}>\n{text}\n</parameter>\n" for key, text in texts.items())
    return f"\n<function={name}>\n{lines}</function>\n"
