"""Rewind and redo of a whole session over a folder: conversation, files, the user's own work, kill and reopen."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent import events
from agent.client import ModelRequest
from agent.errors import SessionError
from agent.history import history
from agent.session import Session
from agent.turn import ModelTurn
from tests.agent.harness import Bench, messages
from tests.agent.test_session import wait_for
from tests.fakes.model import ScriptedModel, call, says
from tests.fakes.snapshots import FolderSnapshots


class SlowSnapshots(FolderSnapshots):
    """The snapshot of a step waits to be let go."""

    def __init__(self, tree: Path) -> None:
        super().__init__(tree)
        self.under_way, self.go_on = asyncio.Event(), asyncio.Event()

    async def snapshot(self, label: str) -> str:
        if label.startswith("step"):
            self.under_way.set()
            await self.go_on.wait()
        return await super().snapshot(label)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path, ScriptedModel([]))
    made.tree.mkdir()
    made.snapshots = FolderSnapshots(made.tree)
    made.shared = True
    yield made
    made.close()


def writes(path: str, text: str) -> list[ModelTurn]:
    return [says(call("bash", command=f"printf '{text}' > {path}")), says(text=f"{path} is written.")]


def files(bench: Bench) -> dict[str, str]:
    return {path.name: path.read_text() for path in sorted(bench.tree.iterdir())}


async def two_turns(bench: Bench) -> Session:
    (bench.tree / "mine.txt").write_text("uncommitted")
    bench.model = ScriptedModel([*writes("a", "one"), *writes("a", "two"), *writes("b", "three")])
    session = bench.open()
    await session.run("first")
    await session.run("second")
    return session


async def test_undo_takes_a_request_and_its_files_back_and_redo_brings_both_again(bench: Bench) -> None:
    session = await two_turns(bench)
    before, whole = files(bench), list(history(bench.logs[0]))
    done = await session.rewind(session.requests[-1].entry_id)
    assert (done.requests, done.files, done.kept) == (("second",), ("a",), ())
    assert files(bench) == {"a": "one", "mine.txt": "uncommitted"}
    assert [request.text for request in session.requests] == ["first"]
    shown = list(history(bench.logs[0]))
    assert [event.text for event in shown if isinstance(event, events.TurnStarted)] == ["first"]
    assert shown[-1] == events.Notice("Undone: 1 request taken back, 1 file put back.")
    again = await session.redo()
    assert (again.requests, again.files) == (("second",), ("a",))
    assert files(bench) == before
    assert list(history(bench.logs[0])) == whole
    with pytest.raises(SessionError, match="nothing to redo"):
        await session.redo()


async def test_in_mid_turn_what_finished_steps_changed_is_known_and_nothing_is_taken(bench: Bench) -> None:
    (bench.tree / "mine.txt").write_text("uncommitted")
    blocked = says(call("bash", command="mkfifo pipe && echo half > b && cat pipe"))
    bench.model = ScriptedModel([*writes("a", "one")[:1], blocked, says(text="Done.")])
    session = bench.open()
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(session.run("first"))
        await asyncio.to_thread(wait_for, bench.tree / "b")
        assert isinstance(bench.snapshots, FolderSnapshots)
        calls = list(bench.snapshots.calls)
        plan = await session.changed_so_far(session.requests[-1].entry_id)
        assert (plan.back, plan.kept, plan.certain) == (("a",), (), {"a"})
        assert bench.snapshots.calls == calls
        with pytest.raises(SessionError, match="at work"):
            await session.plan_rewind(session.requests[-1].entry_id)
        session.cancel()
        assert (await running).status == "cancelled"


async def test_in_mid_turn_the_snapshot_under_way_is_waited_for(bench: Bench) -> None:
    slow = SlowSnapshots(bench.tree)
    bench.snapshots = slow
    bench.model = ScriptedModel([*writes("a", "one")])
    session = bench.open()
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(session.run("first"))
        await slow.under_way.wait()
        asked = tasks.create_task(session.changed_so_far(session.requests[-1].entry_id))
        await asyncio.sleep(0)
        slow.go_on.set()
        assert (await asked).back == ("a",)
        assert (await running).status == "done"


async def test_before_the_first_snapshot_nothing_is_known_to_have_changed(bench: Bench) -> None:
    bench.snapshots = None
    session = await two_turns(bench)
    assert (await session.changed_so_far(session.requests[-1].entry_id)).now == ""


async def test_what_is_sent_after_a_rewind_begins_as_what_was_sent_before(bench: Bench) -> None:
    session = await two_turns(bench)
    first_turn = bench.model.prompts[1]
    await session.rewind(session.requests[-1].entry_id)
    await session.run("third")
    assert bench.model.prompts[-2][: len(first_turn)] == first_turn
    assert "second" not in messages(bench.model.prompts[-1])
    assert files(bench) == {"a": "one", "b": "three", "mine.txt": "uncommitted"}
    with pytest.raises(SessionError, match="nothing to redo"):
        await session.redo()


async def test_files_alone_go_back_and_the_model_is_told(bench: Bench) -> None:
    session = await two_turns(bench)
    done = await session.rewind(session.requests[0].entry_id, conversation=False)
    assert (done.requests, done.files) == ((), ("a",))
    assert files(bench) == {"mine.txt": "uncommitted"}
    await session.run("third")
    assert "not by a call of yours: a." in json.loads(bench.model.prompts[-2][-1])["content"]
    assert "second" in messages(bench.model.prompts[-1])


async def test_the_conversation_alone_goes_back_and_the_model_is_told_of_the_files(bench: Bench) -> None:
    session = await two_turns(bench)
    done = await session.rewind(session.requests[1].entry_id, files=False)
    assert (done.files, files(bench)["a"]) == ((), "two")
    await session.run("third")
    assert "not by a call of yours: a." in json.loads(bench.model.prompts[-2][-1])["content"]


async def test_a_file_that_the_user_changed_too_is_named_and_left_until_asked(bench: Bench) -> None:
    session = await two_turns(bench)
    (bench.tree / "a").write_text("two, and my own line")
    (bench.tree / "new.txt").write_text("also mine")
    plan = await session.plan_rewind(session.requests[-1].entry_id)
    assert (plan.back, plan.kept, plan.certain) == ((), ("a",), {"a"})
    done = await session.rewind(session.requests[-1].entry_id)
    assert (done.files, done.kept) == ((), ("a",))
    assert files(bench) == {"a": "two, and my own line", "mine.txt": "uncommitted", "new.txt": "also mine"}
    await session.redo()
    forced = await session.rewind(session.requests[-1].entry_id, force=True)
    assert (forced.files, files(bench)["a"], files(bench)["new.txt"]) == (("a",), "one", "also mine")
    await session.redo()
    assert files(bench)["a"] == "two, and my own line"


async def test_edits_of_the_user_between_turns_are_told_once_and_stay_out_of_the_undo(bench: Bench) -> None:
    session = await two_turns(bench)
    (bench.tree / "mine.txt").write_text("edited meanwhile")
    await session.run("third")
    asked = json.loads(bench.model.prompts[-2][-1])
    assert asked["content"].startswith("third\n\n[harness]")
    assert "mine.txt" in asked["content"]
    bench.model.extend(says(text="ok"))
    await session.run("fourth")
    assert json.loads(bench.model.prompts[-1][-1])["content"] == "fourth"
    await session.rewind(session.requests[0].entry_id)
    assert files(bench) == {"mine.txt": "edited meanwhile"}


async def test_edits_of_the_user_in_mid_turn_are_told_behind_a_result(bench: Bench) -> None:
    edited = bench.tree / "theirs.txt"
    second, last = writes("b", "two")

    def meanwhile(_: ModelRequest) -> ModelTurn:
        edited.write_text("mine")
        return second

    bench.model = ScriptedModel([writes("a", "one")[0], meanwhile, last])
    session = bench.open()
    await session.run("go")
    for before, after in zip(bench.model.prompts, bench.model.prompts[1:], strict=False):
        assert after[: len(before)] == before
    told = json.loads(bench.model.prompts[2][-1])["content"]
    assert "[harness] Meanwhile these files changed, and not by a call of yours: theirs.txt." in told
    done = await session.rewind(session.requests[0].entry_id)
    assert done.files == ("a", "b")
    assert files(bench) == {"theirs.txt": "mine"}


async def test_a_killed_turn_whose_changes_nobody_can_tell_apart_is_asked_about(bench: Bench) -> None:
    session = await two_turns(bench)
    log = bench.logs[0]
    log.append(
        "user", 9, {"text": "killed", "before": (await bench.snapshots.snapshot("x")) if bench.snapshots else ""}
    )
    log.append("mode", 10, {})
    (bench.tree / "a").write_text("half done, or edited by hand")
    session = bench.reopen()
    asked = session.requests[-1].entry_id
    assert (await session.plan_rewind(asked)).certain == frozenset()
    done = await session.rewind(asked)
    assert (done.requests, done.files, done.kept) == (("killed",), (), ("a",))
    await session.redo()
    assert (await session.rewind(asked, force=True)).files == ("a",)
    assert files(bench)["a"] == "two"


async def test_an_interrupted_turn_that_was_taken_back_is_not_resumed_until_redone(bench: Bench) -> None:
    session = await two_turns(bench)

    def stopped(_: ModelRequest) -> ModelTurn:
        session.cancel()
        return says(text="late")

    bench.model.script = [*bench.model.script[:4], stopped]
    assert (await session.run("third")).status == "cancelled"
    session = bench.reopen(says(text="done"))
    await session.rewind(session.requests[-1].entry_id)
    with pytest.raises(SessionError, match="taken back"):
        await session.resume()
    await session.redo()
    assert (await session.resume()).status == "done"


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    acts=st.lists(
        st.one_of(
            st.tuples(st.just("turn"), st.sampled_from("abc"), st.integers(0, 9)),
            st.tuples(st.just("edit"), st.sampled_from("xyz"), st.integers(0, 9)),
            st.tuples(st.just("undo"), st.just(""), st.integers(0, 9)),
            st.tuples(st.just("redo"), st.just(""), st.integers(0, 9)),
            st.tuples(st.just("reopen"), st.just(""), st.integers(0, 9)),
        ),
        max_size=12,
    )
)
def test_any_sequence_keeps_history_valid_and_files_as_they_were(
    tmp_path_factory: pytest.TempPathFactory, acts: list[tuple[str, str, int]]
) -> None:
    asyncio.run(_play(tmp_path_factory.mktemp("undo"), acts))


async def _play(folder: Path, acts: list[tuple[str, str, int]]) -> None:
    """The agent writes a, b, c and the user x, y, z, so that nothing is in question."""
    bench = Bench(folder, ScriptedModel([]))
    bench.tree.mkdir()
    bench.snapshots = FolderSnapshots(bench.tree)
    bench.shared = True
    session = bench.open()
    # What agent files should be after each standing request, and what a redo brings back.
    states: list[dict[str, str]] = [{}]
    redos: list[list[dict[str, str]]] = []
    users: dict[str, str] = {}
    for number, (act, name, value) in enumerate(acts):
        if act == "turn":
            bench.model.extend(*writes(name, f"{number}-{value}"))
            await session.run(f"request {number}")
            states.append({**states[-1], name: f"{number}-{value}"})
            redos.clear()
            assert_valid(bench.model.prompts[-1], len(states) - 1)
        elif act == "edit":
            users[name] = f"{number}-{value}"
            (bench.tree / name).write_text(users[name])
        elif act == "undo" and len(states) > 1:
            back = value % (len(states) - 1) + 1
            await session.rewind(session.requests[-back].entry_id)
            redos.append(states)
            states = states[:-back]
        elif act == "redo" and redos:
            await session.redo()
            states = redos.pop()
        elif act == "reopen":
            session = bench.reopen()
        assert files(bench) == {**states[-1], **users}
        assert len(session.requests) == len(states) - 1
    bench.close()


def assert_valid(prompt: list[bytes], requests: int) -> None:
    """Each call has its result right behind it, and as many requests are sent as stand."""
    said = [json.loads(fragment) for fragment in prompt]
    assert sum(message["role"] == "user" for message in said) == requests
    open_calls: list[str] = []
    for message in said:
        if message["role"] == "tool":
            assert message["tool_call_id"] == open_calls.pop(0)
        else:
            assert open_calls == []
            open_calls = [made["id"] for made in message.get("tool_calls", [])]
