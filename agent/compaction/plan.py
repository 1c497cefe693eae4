"""What to leave out of the prompt, and up to where. Pure.

The order: mask old results; when that is not enough, sum up old steps and keep the newest whole; when even those are
too long, shorten their results. Each goes down to half of the room, so that the next time is far away.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agent.context import LEAST_CHARACTERS

# The newest results are what the model is working with.
KEEP_RESULTS = 6
# Room is made down to this share of the longest prompt, and what is enough not to go on to the next means.
TARGET_SHARE = 0.5
ENOUGH_SHARE = 0.6
# On demand no more steps than these stay whole.
KEEP_STEPS_ON_DEMAND = 2
# What is left of a masked result: its beginning and the remark.
MASKED_TOKENS = 70
LEAST_CUT_CHARACTERS = 600


@dataclass(frozen=True, slots=True)
class ResultSize:
    """A tool result in the prompt: its entry in the log, its characters and tokens there."""

    entry_id: int
    characters: int
    tokens: int

    @property
    def saving(self) -> int:
        """Tokens that masking saves."""
        return self.tokens - MASKED_TOKENS if self.characters >= LEAST_CHARACTERS else 0


@dataclass(frozen=True, slots=True)
class StepSize:
    """A step in the prompt: the log's entry of its answer, the answer's tokens, and its results in order."""

    entry_id: int
    said: int
    results: tuple[ResultSize, ...] = ()

    @property
    def tokens(self) -> int:
        """Of the whole step."""
        return self.said + sum(result.tokens for result in self.results)


@dataclass(frozen=True, slots=True)
class Prompt:
    """The prompt in parts. `fixed` is what always stays (tools, system prompt, the user's requests), `noted` what
    earlier compactions put in the place of steps. `room` is the longest that it may be, in tokens; `summary` the room
    for a new summary.
    """

    fixed: int
    noted: int
    steps: tuple[StepSize, ...]
    room: int
    summary: int
    masked: int = 0

    @property
    def tokens(self) -> int:
        """Of the whole prompt."""
        return self.fixed + self.noted + sum(step.tokens for step in self.steps)


@dataclass(frozen=True, slots=True)
class Plan:
    """Results up to the entry `masked` are masked, steps up to the entry `dropped` summed up (0: none), results of the
    other steps shortened to `cut` characters (0: none). `results` and `steps` count what is newly left out.
    """

    masked: int
    dropped: int = 0
    cut: int = 0
    results: int = 0
    steps: int = 0


def plan(prompt: Prompt) -> Plan | None:
    """How to come down to half of the room; None when nothing is left to leave out."""
    masking = plan_masking(prompt)
    saved = sum(result.saving for result in _masked_by(prompt, masking))
    if masking.results and prompt.tokens - saved <= prompt.room * ENOUGH_SHARE:
        return masking
    return _plan_steps(prompt, masking, len(prompt.steps))


def plan_on_demand(prompt: Prompt) -> Plan | None:
    """Sum up all but the newest steps, whatever room there is; None when there are no older ones."""
    return _plan_steps(prompt, Plan(prompt.masked), KEEP_STEPS_ON_DEMAND)


def plan_masking(prompt: Prompt) -> Plan:
    """The oldest results to mask, enough to come down to half of the room, and never the newest six."""
    wanted = prompt.tokens - int(prompt.room * TARGET_SHARE)
    saved = count = 0
    upto = prompt.masked
    for result in list(_unmasked(prompt))[:-KEEP_RESULTS]:
        if saved >= wanted:
            break
        if result.saving > 0:
            upto = result.entry_id
            saved += result.saving
            count += 1
    return Plan(upto, results=count)


def _plan_steps(prompt: Prompt, masking: Plan, keep: int) -> Plan | None:
    budget = int(prompt.room * TARGET_SHARE) - prompt.fixed - prompt.summary
    kept = _newest(prompt.steps, budget, keep)
    gone = prompt.steps[: len(prompt.steps) - len(kept)]
    # Where no step goes there is no new summary, and earlier notes stay as they are.
    notes = prompt.summary if gone else prompt.noted
    cut = _cut(kept, int(prompt.room * ENOUGH_SHARE) - prompt.fixed - notes)
    if not gone and not cut:
        return masking if masking.results else None
    # A step's results follow its answer, and the next step's answer follows them.
    dropped = kept[0].entry_id - 1 if kept else _last_entry(gone)
    return Plan(prompt.masked, dropped if gone else 0, cut, steps=len(gone))


def _newest(steps: Sequence[StepSize], budget: int, most: int) -> Sequence[StepSize]:
    """The newest steps that fit the budget; the last one in any case, unless its answer alone is longer."""
    kept = 0
    used = 0
    for step in reversed(steps):
        used += step.tokens
        if kept >= most or used > budget:
            break
        kept += 1
    if not kept and steps and steps[-1].said <= budget:
        kept = 1
    return steps[len(steps) - kept :]


def _cut(kept: Sequence[StepSize], budget: int) -> int:
    """Characters that each result of these steps may keep so that all fit; 0 when they fit as they are."""
    if sum(step.tokens for step in kept) <= budget:
        return 0
    results = sorted((result for step in kept for result in step.results), key=lambda result: result.tokens)
    left = budget - sum(step.said for step in kept)
    for number, result in enumerate(results):
        fair = left // (len(results) - number)
        if result.tokens > fair:
            longer = results[number:]
            return max(LEAST_CUT_CHARACTERS, min(fair * item.characters // item.tokens for item in longer))
        left -= result.tokens
    return 0


def _unmasked(prompt: Prompt) -> Iterator[ResultSize]:
    for step in prompt.steps:
        for result in step.results:
            if result.entry_id > prompt.masked:
                yield result


def _masked_by(prompt: Prompt, masking: Plan) -> Iterator[ResultSize]:
    return (result for result in _unmasked(prompt) if result.entry_id <= masking.masked and result.saving > 0)


def _last_entry(steps: Sequence[StepSize]) -> int:
    last = steps[-1]
    return last.results[-1].entry_id if last.results else last.entry_id
