"""What stands after rewinds, against a plain model of it: a list that is cut and put back."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.json_types import as_count
from agent.log import SessionLog
from agent.rewinding.standing import redoable

Act = Literal["ask", "step", "undo", "undo files", "redo"]


@pytest.fixture
def log(tmp_path: Path) -> Iterator[SessionLog]:
    made = SessionLog.open(tmp_path / "log.sqlite", create=True)
    yield made
    made.close()


ACTS: tuple[Act, ...] = ("ask", "step", "undo", "undo files", "redo")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 5)), max_size=25))
def test_any_sequence_leaves_what_a_plain_list_would_hold(log: SessionLog, acts: list[tuple[Act, int]]) -> None:
    log.connection.execute("DELETE FROM entries")
    log = SessionLog(log.path, log.connection)
    stands: list[int] = []
    redos: list[list[int]] = []
    for act, choice in acts:
        asked = [entry.id for entry in log.standing("user")]
        match act:
            case "ask":
                stands.append(log.append("user", 0, {}))
                redos.clear()
            case "step":
                stands.append(log.append("assistant", 0, {}))
            case "undo" | "undo files" if asked:
                to = asked[choice % len(asked)]
                log.append("rewind", 0, {"to": to, "conversation": act == "undo"})
                redos.append(list(stands))
                stands = [entry for entry in stands if entry < to] if act == "undo" else stands
            case "redo":
                mark = redoable(log.marks())
                assert (mark is not None) == bool(redos)
                if mark is not None:
                    log.append("redo", 0, {"undoes": mark.id})
                    before = redos.pop()
                    # What was said since is not part of what is brought back, and does not go either.
                    stands = sorted({*before, *(entry for entry in stands if entry > mark.id)})
            case _:
                pass
        assert [entry.id for entry in log.standing("user", "assistant")] == stands
        last = log.last_standing("user", "assistant")
        assert (last.id if last else None) == (stands[-1] if stands else None)


def test_a_new_opening_of_the_file_sees_the_same(log: SessionLog) -> None:
    first = log.append("user", 0, {})
    second = log.append("user", 1, {})
    log.append("rewind", 1, {"to": second, "conversation": True})
    again = SessionLog.open(log.path, create=False)
    try:
        assert [entry.id for entry in again.standing("user")] == [first]
        assert [entry.id for entry in again.entries("user")] == [first, second]
        assert as_count(again.marks()[-1].data.get("to")) == second
    finally:
        again.close()
