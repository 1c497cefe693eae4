"""The checkpointer: LangGraph's interface over one row in the session log."""

# pyright: reportUnknownMemberType=false
# LangGraph's overloads are generic over types that it leaves open.

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import Checkpoint, CheckpointMetadata, CheckpointTuple, empty_checkpoint
from langgraph.graph import END, START, StateGraph

from agent.checkpoints import LogCheckpointer
from agent.log import SessionLog
from agent.state import GraphState, TurnState

INTERRUPT, RESUME = "__interrupt__", "__resume__"
CONFIG: RunnableConfig = {"configurable": {"thread_id": "s1", "checkpoint_ns": ""}}
META: CheckpointMetadata = {"source": "loop", "step": 1, "parents": {}}


@pytest.fixture
def log(tmp_path: Path) -> Iterator[SessionLog]:
    made = SessionLog.open(tmp_path / "log", create=True)
    yield made
    made.close()


def checkpoint(number: int, turn: TurnState | None = None) -> Checkpoint:
    made = empty_checkpoint()
    made["id"] = f"{number:032}"
    made["channel_values"] = {"turn": turn or TurnState(step=number)}
    made["channel_versions"] = {"turn": number}
    return made


def put(saver: LogCheckpointer, number: int, config: RunnableConfig = CONFIG) -> RunnableConfig:
    return saver.put(config, checkpoint(number), META, {"turn": number})


def found(saver: LogCheckpointer, config: RunnableConfig = CONFIG) -> CheckpointTuple:
    taken = saver.get_tuple(config)
    assert taken is not None
    return taken


def values(taken: CheckpointTuple) -> TurnState:
    """The state; msgpack knows no tuples, so `recent` comes back as a list."""
    turn = cast("TurnState", taken.checkpoint["channel_values"]["turn"])
    return replace(turn, recent=tuple(turn.recent))


def rows(log: SessionLog, table: str) -> int:
    return cast("int", log.connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # a name of ours


def test_nothing_at_first(log: SessionLog) -> None:
    saver = LogCheckpointer(log)
    assert saver.get_tuple(CONFIG) is None
    assert list(saver.list(CONFIG)) == []


def test_what_is_put_is_got(log: SessionLog) -> None:
    saver = LogCheckpointer(log)
    turn = TurnState(step=7, reason="why 世界", outcome="test_failed", fault="empty", spent_s=1.5)
    config = saver.put(CONFIG, checkpoint(1, turn), META, {"turn": 1})
    taken = found(saver)
    assert values(taken) == turn
    assert taken.checkpoint["id"] == checkpoint(1)["id"]
    assert taken.metadata == META
    assert taken.parent_config is None
    assert taken.pending_writes == []
    assert taken.config == config
    assert config.get("configurable", {})["thread_id"] == "s1"
    assert [item.config for item in saver.list(CONFIG)] == [config]


def test_only_the_newest_is_kept_and_knows_its_parent(log: SessionLog) -> None:
    saver = LogCheckpointer(log)
    parent = config = CONFIG
    for number in range(1, 30):
        parent, config = config, put(saver, number, config)
        saver.put_writes(config, [(INTERRUPT, number)], "task")
        assert rows(log, "checkpoints") == rows(log, "writes") == 1
    taken = found(saver)
    assert values(taken) == TurnState(step=29)
    assert taken.parent_config == parent


def test_a_clock_that_goes_back_does_not_bring_back_an_old_state(log: SessionLog) -> None:
    """Checkpoint ids are times; after a correction of the clock a newer one can be the smaller one."""
    saver = LogCheckpointer(log)
    saver.put_writes(put(saver, 9), [(INTERRUPT, 1)], "task")
    put(saver, 4)
    assert values(found(saver)) == TurnState(step=4)
    assert (rows(log, "checkpoints"), rows(log, "writes")) == (1, 0)


def test_the_same_checkpoint_again_replaces_it(log: SessionLog) -> None:
    saver = LogCheckpointer(log)
    put(saver, 1)
    saver.put(CONFIG, checkpoint(1, TurnState(step=5)), META, {})
    assert values(found(saver)) == TurnState(step=5)
    assert rows(log, "checkpoints") == 1


def test_interrupts_and_their_answers_come_back(log: SessionLog) -> None:
    saver = LogCheckpointer(log)
    config = put(saver, 1)
    saver.put_writes(config, [(INTERRUPT, ["which?"])], "task-b")
    saver.put_writes(config, [(RESUME, "this one")], "task-a")
    assert found(saver).pending_writes == [("task-a", RESUME, "this one"), ("task-b", INTERRUPT, ["which?"])]


def test_writes_of_a_task_again_replace_the_first(log: SessionLog) -> None:
    saver = LogCheckpointer(log)
    config = put(saver, 1)
    for value in (1, 2):
        saver.put_writes(config, [(RESUME, value), (INTERRUPT, f"q{value}")], "task")
    assert sorted(found(saver).pending_writes or [], key=str) == [("task", INTERRUPT, "q2"), ("task", RESUME, 2)]


def test_ordinary_results_are_left_to_the_next_checkpoint(log: SessionLog) -> None:
    saver = LogCheckpointer(log)
    saver.put_writes(put(saver, 1), [("turn", TurnState(step=2))], "task")
    assert found(saver).pending_writes == []


def test_a_failed_put_leaves_the_log_usable(log: SessionLog) -> None:
    saver = LogCheckpointer(log)
    put(saver, 1)
    saver.put_writes(found(saver).config, [(INTERRUPT, 1)], "task")
    log.connection.execute("CREATE TRIGGER full BEFORE DELETE ON writes BEGIN SELECT RAISE(ABORT, 'disk full'); END")
    with pytest.raises(sqlite3.IntegrityError):
        put(saver, 2)
    log.connection.execute("DROP TRIGGER full")
    log.append("user", 1, {})
    assert values(found(saver)) == TurnState(step=1)
    put(saver, 3)
    assert values(found(saver)) == TurnState(step=3)


def test_delete_forgets_everything(log: SessionLog) -> None:
    saver = LogCheckpointer(log)
    saver.put_writes(put(saver, 1), [(INTERRUPT, 1)], "task")
    saver.delete_thread("s1")
    assert saver.get_tuple(CONFIG) is None
    assert rows(log, "writes") == 0


def test_it_survives_the_process(tmp_path: Path) -> None:
    log = SessionLog.open(tmp_path / "log", create=True)
    put(LogCheckpointer(log), 3)
    log.close()
    log = SessionLog.open(tmp_path / "log", create=False)
    assert values(found(LogCheckpointer(log))) == TurnState(step=3)
    log.close()


async def test_the_async_side_is_the_same(log: SessionLog) -> None:
    saver = LogCheckpointer(log)
    config = await saver.aput(CONFIG, checkpoint(1), META, {})
    await saver.aput_writes(config, [(INTERRUPT, 1)], "task")
    taken = await saver.aget_tuple(CONFIG)
    assert taken == found(saver)
    assert [item async for item in saver.alist(CONFIG)] == [taken]


def test_versions_count_up(log: SessionLog) -> None:
    saver = LogCheckpointer(log)
    assert [saver.get_next_version(version, None) for version in (None, 1, 7)] == [1, 2, 8]


async def test_a_graph_runs_on_it_and_leaves_one_small_checkpoint(log: SessionLog) -> None:
    saver = LogCheckpointer(log)

    async def count(state: GraphState) -> GraphState:
        return {"turn": TurnState(step=state["turn"].step + 1)}

    def again(state: GraphState) -> str:
        return "count" if state["turn"].step < 40 else END

    graph = StateGraph(GraphState)
    graph.add_node("count", count)
    graph.add_edge(START, "count")
    graph.add_conditional_edges("count", again, ["count", END])
    machine = graph.compile(checkpointer=saver)
    config: RunnableConfig = {**CONFIG, "recursion_limit": 100}
    result = await machine.ainvoke({"turn": TurnState()}, config, durability="sync")
    assert result["turn"].step == 40
    assert rows(log, "checkpoints") == 1
    size = log.connection.execute("SELECT length(data) + length(meta) FROM checkpoints").fetchone()[0]
    assert size < 1500
