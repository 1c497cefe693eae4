"""After a faulty answer: what to tell the model, and how to ask again.

Escalation, in this order: the same mode again, the other thinking mode, a required tool call, the person.
"""

from dataclasses import dataclass, replace

from langgraph.runtime import Runtime

from agent.engine import Engine
from agent.events import FaultHandled
from agent.messages import Nudge
from agent.state import GraphState, TurnState
from agent.thinking import Fault

# After so many faulty answers in a row the turn ends: the model or its server needs a person.
MOST_FAULTS = 5

_NUDGES: dict[Fault, str] = {
    "runaway": "[harness] You were cut off: you repeated yourself or thought too long. Make the next tool call now.",
    "budget": "[harness] Your thinking reached its budget and was ended; it stands above. Act on it: make the next "
    "tool call, or give the answer.",
    "truncated": "[harness] Your answer was cut off by the token limit. Go on in smaller pieces, one call at a time.",
    "announced": "[harness] You announced an action and made no tool call. Make it now, or call submit if all is done.",
    "empty": "[harness] Your last answer was empty. Make the next tool call, or call submit if all is done.",
}


@dataclass(frozen=True, slots=True)
class Repair:
    """The next attempt: a remark for the model ("" for none), and whether a tool call is required."""

    nudge: str
    force: bool


def plan(fault: Fault, count: int, *, looped_in_text: bool = False) -> Repair | None:
    """How the `count`-th faulty answer in a row (from 1) is met. Pure; the table of the escalation order.

    A loop in the text itself would only go on without thought, so a call is required at once.
    An empty answer is first asked for again unchanged: the fault is a matter of chance (vLLM #55420).
    """
    if count >= MOST_FAULTS:
        return None
    nudge = _NUDGES.get(fault, "")
    if fault == "empty":
        return Repair("" if count <= 2 else nudge, force=count > 2)
    return Repair(nudge, force=count > 1 or looped_in_text)


async def repair(state: GraphState, runtime: Runtime[Engine]) -> GraphState:
    """Choose the next attempt, or end the turn with a sentence."""
    engine, turn = runtime.context, state["turn"]
    fault = turn.fault or "empty"
    count = turn.fault_count + 1
    if fault == "announced" and count > 2:
        answer = engine.transcript.last_answer
        said = answer.content.strip() if answer else ""
        return {"turn": replace(turn, verdict="answer", status="done", summary=said)}
    said = engine.transcript.last_answer
    repair_plan = plan(fault, count, looped_in_text=fault == "runaway" and bool(said and said.content.strip()))
    if repair_plan is None:
        sentence = f"The model gave {count} faulty answers in a row (the last one: {fault}); the log has what it said."
        return {"turn": replace(turn, fault_count=count, status="failed", summary=sentence)}
    if repair_plan.force:
        engine.emit(FaultHandled(f"faulty answer {count} in a row", "requiring a tool call"))
    if repair_plan.nudge and not _nudged(engine, turn):
        engine.log.append("nudge", turn.step, {"text": repair_plan.nudge})
        engine.transcript.append(Nudge(repair_plan.nudge))
    return {"turn": replace(turn, fault=fault, fault_count=count, force=repair_plan.force)}


def _nudged(engine: Engine, turn: TurnState) -> bool:
    """Whether this step's remark is in the log already: the process ended before the checkpoint was written."""
    last = engine.log.last("nudge")
    return last is not None and last.step == turn.step
