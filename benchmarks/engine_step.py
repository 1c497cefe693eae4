"""The engine's own time per step, and what the session log weighs: 500 steps without a server and without a sandbox.

Sizes follow real runs (20,000 steps of 500 published trajectories): 75 tokens said, 316 observed. The time is from the
end of one answer to the next request; the baseline is a LangGraph loop of two empty nodes with no checkpoint.
"""

# pyright: reportUnknownMemberType=false
# LangGraph's overloads are generic over types that it leaves open.

import asyncio
import json
import statistics
import tempfile
import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypedDict

from langgraph.graph import END, START, StateGraph

from agent.client import ModelItem, ModelRequest, TurnComplete
from agent.json_types import as_list, as_object, as_text
from agent.log import SessionLog
from agent.messages import ToolCall
from agent.opening import Parts
from agent.session import open_session
from agent.settings import Endpoint, Settings, TurnLimits
from agent.turn import Delta, ModelTurn, Usage
from benchmarks.table import row
from tests.fakes.sandbox import FolderSandbox
from tools.registry import toolset

STEPS = 510
SAID_CHARACTERS = 330
# Real text, so that it compresses as real text does.
TEXT = Path(statistics.__file__).read_text(encoding="utf-8") * 20


@dataclass(slots=True)
class Timed:
    """A model that answers at once and notes when it was asked and when it had answered."""

    asked: list[float] = field(default_factory=list[float])
    ended: list[float] = field(default_factory=list[float])

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelItem, None]:
        self.asked.append(time.perf_counter())
        step = len(self.asked)
        said = TEXT[step * SAID_CHARACTERS :][:SAID_CHARACTERS]
        yield Delta("content", said)
        first = step * 17 % 900 + 1
        arguments = {"command": "view", "path": "text.py", "view_range": f"[{first}, {first + 28}]"}
        calls = () if step >= STEPS else (ToolCall("id", "str_replace_editor", json.dumps(arguments)),)
        turn = ModelTurn("", said if calls else "Done.", calls, "tool_calls", Usage(1000 + step, 75, 0, 1000))
        self.ended.append(time.perf_counter())
        yield TurnComplete(turn)

    async def count(self, request: ModelRequest) -> int | None:
        return None

    async def close(self) -> None:
        return


class Count(TypedDict):
    n: int


def count_up(state: Count) -> Count:
    return {"n": state["n"] + 1}


def again(state: Count) -> str:
    return "a" if state["n"] < 1000 else END


def bare_superstep_s() -> float:
    """Seconds of one superstep of a LangGraph loop that does nothing."""
    graph = StateGraph(Count)
    graph.add_node("a", count_up)
    graph.add_node("b", count_up)
    graph.add_edge(START, "a")
    graph.add_edge("a", "b")
    graph.add_conditional_edges("b", again)
    compiled = graph.compile()
    started = time.perf_counter()
    asyncio.run(compiled.ainvoke({"n": 0}, {"recursion_limit": 5000}))
    return (time.perf_counter() - started) / 1000


async def run(folder: Path) -> tuple[list[float], float]:
    model = Timed()
    log = SessionLog.open(folder / "log.sqlite", create=True)
    settings = Settings(Endpoint("http://none/v1", "none"), limits=TurnLimits(steps=0))
    (folder / "tree").mkdir()
    (folder / "tree" / "text.py").write_text(Path(statistics.__file__).read_text(encoding="utf-8"))
    parts = Parts(FolderSandbox(folder / "tree"), toolset(person=False), model, None, lambda event: None)
    await open_session(log, settings, parts).run("go on")
    content = 0
    for entry in (logged.data for logged in log.entries("assistant", "result")):
        content += sum(len(str(entry.get(key) or "")) for key in ("text", "reasoning", "content"))
        content += sum(len(as_text(as_object(call).get("arguments"))) for call in as_list(entry.get("calls")))
    log.close()
    gaps = [asked - ended for asked, ended in zip(model.asked[1:], model.ended, strict=False)]
    return gaps, (folder / "log.sqlite").stat().st_size / content


def main() -> None:
    bare = bare_superstep_s()
    with tempfile.TemporaryDirectory() as name:
        gaps, ratio = asyncio.run(run(Path(name)))
    early, late = statistics.median(gaps[5:25]), statistics.median(gaps[480:505])
    row("engine's own time, step 10", early * 1e3, "ms", "bar 10 ms", early / bare, "an empty superstep")
    row("engine's own time, step 500", late * 1e3, "ms", "bar 10 ms, 1.2 x", late / early, "step 10")
    row("log file / its content, 500 steps", ratio, "x", "bar 1.3 x")


if __name__ == "__main__":
    main()
