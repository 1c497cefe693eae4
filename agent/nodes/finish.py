"""The end of a turn: one entry in the log, unless the person's tests say that it is not the end."""

from dataclasses import replace

from langgraph.runtime import Runtime

from agent.engine import Engine
from agent.json_types import as_text
from agent.log import Entry
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
    if turn.status == "done":
        turn = replace(turn, summary=_with_shown(engine, turn.summary))
    engine.log.append("end", turn.step, {"status": turn.status, "summary": turn.summary, "steps": turn.turn_step})
    return {"turn": turn}


def _with_shown(engine: Engine, summary: str) -> str:
    """The answer with what was sent back because it only showed code: where nothing was changed, that is the answer.

    What the model says after it is often no more than "that is all".
    """
    if not engine.settings.expects_changes or engine.snapshotter.changed or "```" in summary:
        return summary
    asked = engine.log.last("user")
    said = engine.log.entries("assistant", after=asked.id if asked else 0)
    shown = [as_text(entry.data.get("content")).strip() for entry in said if _sent_back(entry)]
    return "\n\n".join(part for part in (*shown[-1:], summary) if part)


def _sent_back(entry: Entry) -> bool:
    return entry.data.get("failure") == "code_only_shown"
