"""What a log comes to: every figure from entries whose sums are known."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.json_types import JsonObject
from agent.log import EntryKind, SessionLog
from agent.statistics import last_turn, statistics

USAGE: JsonObject = {"prompt_tokens": 100, "cached_tokens": 80, "completion_tokens": 20, "reasoning_tokens": 5}


@pytest.fixture
def log(tmp_path: Path) -> Iterator[SessionLog]:
    opened = SessionLog.open(tmp_path / "log.sqlite", create=True)
    yield opened
    opened.close()


class Writer:
    """Appends entries at times of its own, in seconds."""

    def __init__(self, log: SessionLog) -> None:
        self._log = log

    def __call__(self, at: float, kind: EntryKind, data: JsonObject, step: int = 1) -> None:
        entry_id = self._log.append(kind, step, data)
        connection: sqlite3.Connection = self._log.connection
        connection.execute("UPDATE entries SET time = ? WHERE id = ?", (at, entry_id))


def a_turn(write: Writer, at: float) -> None:
    write(at, "user", {"text": "x"})
    write(at, "mode", {"thinking": True, "reason": "first step of a request", "row": "first_step"}, step=int(at))
    times: JsonObject = {"first_token_s": 1.0, "thought_s": 2.0, "duration_s": 5.0}
    calls: list[JsonObject] = [
        {"id": f"{at}a", "name": "str_replace_editor", "arguments": '{"command": "str_replace", "path": "a"}'},
        {"id": f"{at}b", "name": "str_replace_editor", "arguments": '{"command": "create", "path": "a"}'},
        {"id": f"{at}c", "name": "str_replace_editor", "arguments": '{"command": "view", "path": "a"}'},
        {"id": f"{at}d", "name": "bash", "arguments": "{}"},
    ]
    write(at + 5, "assistant", {"usage": USAGE, "calls": [*calls], **times})
    write(at + 5, "approval", {"call_id": f"{at}d"})
    write(at + 8, "approval", {"call_id": f"{at}d", "allow": True})
    for letter, ok in (("a", True), ("b", False), ("c", False)):
        data: JsonObject = {"call_id": f"{at}{letter}", "tool": "str_replace_editor", "ok": ok, "duration_s": 0.5}
        write(at + 9, "result", data)
    write(at + 10, "result", {"call_id": f"{at}d", "tool": "bash", "ok": False, "duration_s": 1.0})
    write(at + 10, "failure", {"counter": "empty_answer"})
    write(at + 12, "end", {"status": "done"})


def test_a_turn_and_the_session(log: SessionLog) -> None:
    write = Writer(log)
    write(0, "session", {"id": "x"})
    a_turn(write, 100)
    write(150, "session", {"id": "x", "title": "t"})
    a_turn(write, 200)
    turn, session = statistics(log, last_turn(log)), statistics(log)
    assert (turn.spent.prompt, turn.spent.cached, turn.spent.computed, turn.spent.requests) == (100, 80, 20, 1)
    assert (session.spent.prompt, session.spent.completion, session.spent.reasoning) == (200, 40, 10)
    assert (turn.edits, turn.edits_failed, session.edits) == (2, 1, 4)
    assert [(use.name, use.calls, use.failed) for use in session.tools] == [
        ("str_replace_editor", 6, 4),
        ("bash", 2, 2),
    ]
    assert (turn.thinking.on, session.thinking.on) == (1, 2)
    assert session.faults == {"empty_answer": 2}


def test_the_time_is_split_without_pauses_between_the_turns(log: SessionLog) -> None:
    write = Writer(log)
    a_turn(write, 100)
    a_turn(write, 200)
    phases = statistics(log).phases
    assert (phases.total, phases.waiting, phases.thinking, phases.answering) == (24, 2, 4, 4)
    assert (phases.tools, phases.person) == (5, 6)
    assert phases.rest == 3


def test_a_turn_that_went_on_later_is_counted_without_the_gap(log: SessionLog) -> None:
    write = Writer(log)
    write(100, "user", {"text": "x"})
    write(110, "end", {"status": "cancelled"})
    write(500, "mode", {"thinking": False})
    write(507, "end", {"status": "done"})
    assert statistics(log).phases.total == 17


def test_a_turn_that_was_killed_counts_up_to_its_last_entry(log: SessionLog) -> None:
    write = Writer(log)
    write(100, "user", {"text": "x"})
    write(104, "mode", {"thinking": False})
    write(900, "user", {"text": "y"})
    write(903, "end", {"status": "done"})
    assert statistics(log).phases.total == 7


def test_an_empty_log(log: SessionLog) -> None:
    assert last_turn(log) == 0
    empty = statistics(log)
    assert (empty.edits, list(empty.tools), empty.phases.total) == (0, [], 0)
