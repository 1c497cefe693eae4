"""The end of a turn: one entry in the log, unless the person's tests say that it is not the end."""

from dataclasses import replace

from langgraph.runtime import Runtime

from agent.engine import Engine
from agent.nodes.check import check_failed
from agent.state import GraphState


async def finish(state: GraphState, runtime: Runtime[Engine]) -> GraphState:
    """Settle the last snapshot, run the tests of what was edited, and write down how the turn ended.

    Where the tests fail the turn goes on: its status stays "running". Raises `SandboxGone`.
    """
    engine, turn = runtime.context, state["turn"]
    await engine.snapshotter.settle()
    if turn.status == "running" and await check_failed(engine, turn.step, "test"):
        engine.snapshotter.request(turn.step, f"step {turn.step}")
        return {"turn": replace(turn, verdict="calls", outcome="test_failed", summary="")}
    if turn.status == "running":
        turn = replace(turn, status="done")
    engine.log.append("end", turn.step, {"status": turn.status, "summary": turn.summary, "steps": turn.turn_step})
    return {"turn": turn}
