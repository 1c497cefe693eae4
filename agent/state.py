"""What a checkpoint holds: ids and counters, some hundred bytes. Messages live in the session log."""

from dataclasses import dataclass
from typing import Literal, TypeAlias, TypedDict

from agent.events import TurnStatus
from agent.thinking import Fault, Outcome

Verdict: TypeAlias = Literal["", "full", "calls", "question", "answer", "fault"]
Status: TypeAlias = TurnStatus | Literal["running"]


@dataclass(frozen=True, slots=True)
class TurnState:
    """Where a turn stands.

    `step` counts model requests of the session, `turn_step` those of this turn. `verdict` is what the last answer
    amounted to. `recent` holds short hashes of the last calls with their results. `force` and `thinking`, `reason`,
    `budget` are the mode of the step at hand, kept so that a resumed step is asked for in the same way. `compacted` is
    the step before which room was last made in the prompt.
    """

    step: int = 0
    turn_step: int = 0
    status: Status = "running"
    summary: str = ""
    verdict: Verdict = ""
    fault: Fault | None = None
    fault_count: int = 0
    force: bool = False
    thinking: bool = False
    budget: int = 0
    reason: str = ""
    outcome: Outcome = "none"
    edited: bool = False
    steps_without_thought: int = 0
    recent: tuple[str, ...] = ()
    repeated: int = 0
    spent_s: float = 0.0
    spent_tokens: int = 0
    prompt_tokens: int = 0
    compacted: int = -1


class GraphState(TypedDict):
    """LangGraph's channel: one value, replaced by each node."""

    turn: TurnState
