"""What is known before a step, and the mode that is decided from it."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

Outcome: TypeAlias = Literal["none", "ok", "failed", "test_failed", "test_passed", "interrupted"]
Fault: TypeAlias = Literal["empty", "runaway", "budget", "malformed", "announced", "truncated"]
Pace: TypeAlias = Literal["relaxed", "usual", "careful"]

PACE_MEANINGS: dict[Pace, str] = {
    "careful": "three or more of the last 24 direct steps failed, two more than usual",
    "usual": "otherwise",
    "relaxed": "none failed where one would have been usual",
}


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

    `first_step` of a user's turn; `outcome` of the last step's calls; `edited` when a change has not been looked over
    yet; `repeated` counts how often the last call was made in a row with the same answer; `fault` is what was wrong
    with the last answer ("runaway": it repeated itself, "budget": its reasoning was cut at our budget), `fault_count`
    how often in a row; `thought` whether the last step was a thinking one; `steps_without_thought` since the last
    thinking step; `written` is the size of the change that the last step made, in tokens; `closing` when it was one
    that comes before submitting; `troubles` counts failed steps among the last four; `pace` and `experience` are what
    this session taught (`agent.thinking.experience`).
    """

    first_step: bool = False
    outcome: Outcome = "none"
    edited: bool = False
    repeated: int = 0
    fault: Fault | None = None
    fault_count: int = 0
    thought: bool = False
    steps_without_thought: int = 0
    written: int = 0
    closing: bool = False
    troubles: int = 0
    pace: Pace = "usual"
    experience: str = ""


@dataclass(frozen=True, slots=True)
class StepMode:
    """The decision for one step: mode, most tokens of reasoning (0: no limit, or off), sampling, the reason in words.

    `row` names the line of the table that decided, or the policy.
    """

    thinking: bool
    budget: int
    sampling: Sampling
    reason: str
    row: str = ""
