"""Whether the model thinks at the next step, and why.

A pure function from the step's signals to a mode. The rules of `auto` start from what is published: thinking pays on
the first step and after failures, and costs time without gain on reads and mechanical follow-ups (Ares, arXiv
2603.07915; overthinking, arXiv 2502.08235; pydantic-ai-harness #84). Switching is free for the prefix cache with the
Qwen3.5 template: `tests/live/test_prefix_cache.py` measures it.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

Policy: TypeAlias = Literal["auto", "always", "never", "first"]
Outcome: TypeAlias = Literal["none", "ok", "failed", "test_failed", "test_passed", "interrupted"]
Fault: TypeAlias = Literal["empty", "runaway", "malformed", "announced", "truncated"]

# Reads and listings add up: after this many steps without thought the model takes stock once.
STEPS_BEFORE_TAKING_STOCK = 10


@dataclass(frozen=True, slots=True)
class Sampling:
    """Sampling parameters sent with a request; they do not touch the prefix cache."""

    temperature: float
    top_p: float
    top_k: int
    min_p: float
    presence_penalty: float


# Qwen's model card: "thinking, precise coding" and "instruct, general".
THINKING_SAMPLING = Sampling(0.6, 0.95, 20, 0.0, 0.0)
DIRECT_SAMPLING = Sampling(0.7, 0.8, 20, 0.0, 1.5)


@dataclass(frozen=True, slots=True)
class Signals:
    """What is known before a step.

    `first_step` of a user's turn; `outcome` of the last step's calls; `edited` when something was written since the
    last test run; `repeated` counts how often the last call was made in a row with the same answer; `fault` is what was
    wrong with the last answer, `fault_count` how often in a row; `thought` whether the last step was a thinking one;
    `steps_without_thought` since the last thinking step.
    """

    first_step: bool = False
    outcome: Outcome = "none"
    edited: bool = False
    repeated: int = 0
    fault: Fault | None = None
    fault_count: int = 0
    thought: bool = False
    steps_without_thought: int = 0


@dataclass(frozen=True, slots=True)
class StepMode:
    """The decision for one step: mode, most tokens of reasoning (0 when off), sampling, the reason in words."""

    thinking: bool
    budget: int
    sampling: Sampling
    reason: str


@dataclass(frozen=True, slots=True)
class Budgets:
    """Most reasoning tokens: on the first step of a turn, and on any other."""

    first: int = 16384
    other: int = 8192


def decide(policy: Policy, signals: Signals, budgets: Budgets | None = None) -> StepMode:
    """The mode of the next step. Recovery from a fault overrides every policy but `never`."""
    budgets = budgets or Budgets()
    thinking, reason = _recovery(policy, signals) or _by_policy(policy, signals)
    budget = (budgets.first if signals.first_step else budgets.other) if thinking else 0
    return StepMode(thinking, budget, THINKING_SAMPLING if thinking else DIRECT_SAMPLING, reason)


def _recovery(policy: Policy, signals: Signals) -> tuple[bool, str] | None:
    """An answer that went wrong in one mode is asked for again in the other."""
    if policy == "never" or signals.fault is None:
        return None
    match signals.fault:
        case "runaway":
            return False, "reasoning ran away, asking for the answer directly"
        case "empty":
            if signals.fault_count > 1:
                return False, "another empty answer, trying without thought"
            return signals.thought, "an empty answer, asking once more"
        case "malformed" | "truncated":
            return False, "resending a call that arrived damaged"
        case "announced":
            return False, "a call was announced but not made"


def _by_policy(policy: Policy, signals: Signals) -> tuple[bool, str]:
    match policy:
        case "always":
            return True, "policy: always"
        case "never":
            return False, "policy: never"
        case "first":
            return signals.first_step, "first step of a request" if signals.first_step else "policy: first step only"
        case "auto":
            return _auto(signals)


def _auto(signals: Signals) -> tuple[bool, str]:
    rules: tuple[tuple[bool, str], ...] = (
        (signals.first_step, "first step of a request"),
        (signals.repeated >= 2, "the same call gave the same answer again"),
        (signals.outcome == "test_failed", "a test failed"),
        (signals.outcome == "failed", "a tool call failed"),
        (signals.outcome == "interrupted", "the last call was interrupted"),
        (signals.outcome == "test_passed" and signals.edited, "tests pass: review before finishing"),
        (signals.steps_without_thought >= STEPS_BEFORE_TAKING_STOCK, "taking stock after a run of direct steps"),
    )
    for applies, reason in rules:
        if applies:
            return True, reason
    return False, "routine step"
