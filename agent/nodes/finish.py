"""The end of a turn: one entry in the log."""

from dataclasses import replace

from langgraph.runtime import Runtime

from agent.engine import Engine
from agent.state import GraphState


async def finish(state: GraphState, runtime: Runtime[Engine]) -> GraphState:
    """Settle the last snapshot and write down how the turn ended."""
    engine, turn = runtime.context, state["turn"]
    await engine.snapshotter.settle()
    if turn.status == "running":
        turn = replace(turn, status="done")
    engine.log.append("end", turn.step, {"status": turn.status, "summary": turn.summary, "steps": turn.turn_step})
    return {"turn": turn}
