"""What a checkpoint holds: ids and counters, some hundred bytes. Messages live in the session log."""

from dataclasses import dataclass
from typing import Literal, TypeAlias, TypedDict

from agent.events import TurnStatus
from agent.failures.table import Counter
from agent.policies import Policy
from agent.thinking.experience import StepKind
from agent.thinking.signals import Fault, Outcome, Pace

Verdict: TypeAlias = Literal["", "full", "overflow", "calls", "question", "answer", "fault"]
Status: TypeAlias = TurnStatus | Literal["running"]


@dataclass(frozen=True, slots=True)
class TurnState:
    """Where a turn stands.

    `step` counts model requests of the session, `turn_step` those of this turn. `verdict` is what the last answer
    amounted to. `recent` holds short hashes of the last calls with their results. `force` and `thinking`, `reason`,
    `row`, `budget` are the mode of the step at hand, kept so that a resumed step is asked for in the same way.
    `compacted` is the step before which room was last made in the prompt, `overflows` how often in a row the server
    found it too long, `refused` of how many tokens it then spoke. `failure` is the last fault's finer name.

    `policy` is this turn's own thinking policy, None for that of the settings. `kind`, `written` and `closing` say what
    the last step's calls were (`agent.thinking.observed`). `experience`, `pace` and `troubles` are what the session
    taught (`agent.thinking.experience`), counted up to step `learned`.
    """

    step: int = 0
    turn_step: int = 0
    status: Status = "running"
    summary: str = ""
    verdict: Verdict = ""
    fault: Fault | None = None
    failure: Counter | None = None
    fault_count: int = 0
    force: bool = False
    thinking: bool = False
    budget: int = 0
    reason: str = ""
    row: str = ""
    policy: Policy | None = None
    outcome: Outcome = "none"
    edited: bool = False
    steps_without_thought: int = 0
    kind: StepKind = "read"
    written: int = 0
    closing: bool = False
    experience: str = ""
    pace: Pace = "usual"
    troubles: str = ""
    learned: int = 0
    recent: tuple[str, ...] = ()
    repeated: int = 0
    spent_s: float = 0.0
    spent_tokens: int = 0
    compacted: int = -1
    overflows: int = 0
    refused: int = 0

    def next_turn(self, policy: Policy | None) -> "TurnState":
        """The state in which the session's next turn begins: counters and what was learned go on."""
        return TurnState(
            step=self.step,
            policy=policy,
            experience=self.experience,
            pace=self.pace,
            learned=self.learned,
        )


class GraphState(TypedDict):
    """LangGraph's channel: one value, replaced by each node."""

    turn: TurnState
