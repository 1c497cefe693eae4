"""How a faulty answer is met: the order of attempts, and what the model is told. Pure; drawn into `docs/failures.md`.

The order is always the same: the same thinking mode again (where the fault is a matter of chance), the other mode, a
required tool call, the person. A fault that repetition cannot mend starts further down.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from agent.failures.table import Counter
from agent.thinking import Fault

Attempt: TypeAlias = Literal["same mode", "other mode", "required call"]

# One entry per faulty answer in a row; after the last one the person is told. "malformed" calls are answered by their
# results and do not come here. An announcement or a text that was cut is asked for without thought: it was thought of.
LADDERS: Mapping[Fault, tuple[Attempt, ...]] = {
    "empty": ("same mode", "other mode", "required call", "required call"),
    "budget": ("other mode", "required call", "required call", "required call"),
    "runaway": ("other mode", "required call", "required call", "required call"),
    "truncated": ("other mode", "required call", "required call", "required call"),
    "announced": ("other mode", "required call"),
}

_NUDGES: Mapping[Counter, str] = {
    "empty_answer": "Your last answer was empty. Make the next tool call, or call submit if all is done.",
    "call_announced": "You announced an action and made no tool call. Make it now, or call submit if all is done.",
    "code_only_shown": "You showed code and made no tool call. Make it now, or call submit if all is done.",
    "call_quoted": "A tool call stands in the text of your answer; it was not run. If you meant it, make it now, as a "
    "tool call and as the last thing in your answer. If it was only quoted, say so without it.",
    "call_dropped": "A part of your answer did not arrive: the server drops a call that it cannot read, such as one in "
    "JSON. Make the call again in the form of the instructions: a function tag with one parameter tag per argument.",
    "cut_in_text": "Your answer was cut off by the token limit. Go on in smaller pieces, one call at a time.",
    "cut_in_reasoning": "You were cut off by the token limit while you thought. Make the next tool call now.",
    "reasoning_over_budget": "Your thinking reached its budget and was ended; it stands above. Act on it: make the "
    "next tool call, or give the answer.",
    "answer_repeats": "You were cut off: you repeated yourself. Make the next tool call now.",
    "other_side": "You wrote what others are to say. Write only your own part: make the next tool call now.",
}


@dataclass(frozen=True, slots=True)
class Repair:
    """The next attempt: a remark for the model ("" for none), and whether a tool call is required."""

    nudge: str
    force: bool


def plan(fault: Fault, counter: Counter | None, count: int, *, looped_in_text: bool = False) -> Repair | None:
    """How the `count`-th faulty answer in a row (from 1) is met; None when the attempts are used up.

    A loop in the text itself would only go on without thought, so a call is required at once. An empty answer is first
    asked for again unchanged, in both modes: the fault is a matter of chance (vLLM #55420).
    """
    ladder = LADDERS.get(fault, LADDERS["empty"])
    if counter == "call_quoted":
        # Who explains what a call looks like must not be made to make one.
        ladder = ladder[:1]
    if count > len(ladder):
        return None
    force = ladder[count - 1] == "required call" or looped_in_text
    nudge = _NUDGES.get(counter or "empty_answer", "")
    return Repair("" if fault == "empty" and not force else f"[harness] {nudge}", force)
