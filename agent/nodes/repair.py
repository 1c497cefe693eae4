"""After a faulty answer: tell the model what was wrong, and ask again as `agent.failures.escalation` says."""

from dataclasses import replace

from langgraph.runtime import Runtime

from agent.engine import Engine
from agent.events import FaultHandled
from agent.failures.escalation import plan
from agent.messages import Nudge
from agent.state import GraphState, TurnState


async def repair(state: GraphState, runtime: Runtime[Engine]) -> GraphState:
    """Choose the next attempt, or end the turn with a sentence."""
    engine, turn = runtime.context, state["turn"]
    fault = turn.fault or "empty"
    count = turn.fault_count + 1
    said = engine.transcript.last_answer
    looped = fault == "runaway" and bool(said and said.content.strip())
    repair_plan = plan(fault, turn.failure, count, looped_in_text=looped)
    if repair_plan is None and fault == "announced":
        # Whatever it announces, it calls nothing, not even when a call is required: the text is its answer.
        summary = said.content.strip() if said else ""
        return {"turn": replace(turn, verdict="answer", status="done", summary=summary)}
    if repair_plan is None:
        name = turn.failure or fault
        sentence = f"The model gave {count} faulty answers in a row (the last one: {name}); the log has what it said."
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
