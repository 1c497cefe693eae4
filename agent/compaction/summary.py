"""The model's own summary of steps that leave the prompt.

The request is the prompt as it stands with one message more, so that all of it comes from the server's prefix cache:
the same tools in front (the template puts them before the system prompt), `tool_choice: none`, thinking off. The
message is wrapped like a tool response, for a new user message would make the template drop earlier reasoning.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from agent.client import ModelRequest
from agent.failures.runaway import repeats, unrepeated
from agent.messages import Nudge, wire_bytes
from agent.thinking import Sampling, StepMode
from agent.turn import ModelTurn, Usage

MOST_SUMMARY_TOKENS = 4096
# On a small server the summary must not be what fills it.
LARGEST_SUMMARY_SHARE = 1 / 8
LEAST_CHARACTERS = 80
LEAST_WORDS = 12
# Qwen's card for precise work; the presence penalty of its direct mode would keep names from being repeated exactly.
SUMMARY_SAMPLING = Sampling(0.6, 0.95, 20, 0.0, 0.0)
MODE = StepMode(thinking=False, budget=0, sampling=SUMMARY_SAMPLING, reason="summary")
_CALL = re.compile(r"<tool_call>.*?(?:</tool_call>|\Z)|<function=.*?(?:</function>|\Z)", re.DOTALL)
_THOUGHT = re.compile(r"\A.*</think>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Summary:
    """A summary that can be used, what it cost, and how long it took in seconds."""

    text: str
    usage: Usage | None
    duration_s: float


def summary_tokens(context: int) -> int:
    """Most tokens of a summary on a server with this context (0: unknown)."""
    return min(MOST_SUMMARY_TOKENS, int(context * LARGEST_SUMMARY_SHARE)) if context else MOST_SUMMARY_TOKENS


@cache
def _prompt() -> str:
    return files("agent").joinpath("prompts", "summary.md").read_text(encoding="utf-8").strip()


def summary_ask(focus: str = "") -> bytes:
    """The message that asks for the summary; `focus` is what a person wants kept."""
    wish = f"\n\nThe user asks that the notes keep in particular: {focus.strip()}" if focus.strip() else ""
    return wire_bytes(Nudge(_prompt() + wish))


def summary_request(history: Sequence[bytes], tools: bytes, ask: bytes, max_tokens: int) -> ModelRequest:
    """The request for a summary of this history, which must hold whole steps only."""
    return ModelRequest([*history, ask], tools, MODE, max_tokens, text_only=True)


def usable(turn: ModelTurn) -> str:
    """The summary in an answer, "" when there is none: nothing, next to nothing, a loop, or tool calls instead."""
    text = _CALL.sub("", _THOUGHT.sub("", turn.content)).strip()
    if repeats(text):
        text = unrepeated(text)
    words = {word.lower() for word in re.findall(r"[^\W\d_]{2,}", text)}
    if len(text) < LEAST_CHARACTERS or len(words) < LEAST_WORDS:
        return ""
    return f"{text}\n[harness] These notes were cut off at their limit." if turn.finish_reason == "length" else text
