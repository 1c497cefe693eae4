"""The session log: what goes in comes out, in order, after any end of the process, and takes little space."""

import json
import random
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.json_types import JsonObject
from agent.log import EntryKind, SessionLog

STEPS = 500
ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def log(tmp_path: Path) -> Iterator[SessionLog]:
    made = SessionLog.open(tmp_path / "deep" / "log.sqlite", create=True)
    yield made
    made.close()


def test_entries_come_out_as_they_went_in(log: SessionLog) -> None:
    data: JsonObject = {"text": 'a "b"\n\x00\u2028 Grüße 世界 👋', "n": 1, "none": None, "list": [1.5, {"x": True}]}
    first = log.append("user", 3, data)
    second = log.append("result", 4, {})
    one, two = log.entries()
    assert (one.id, one.kind, one.step, one.data) == (first, "user", 3, data)
    assert (two.id, two.kind, two.step, two.data) == (second, "result", 4, {})
    assert 0 < one.time <= two.time
    assert second > first


def test_an_empty_log_is_empty(log: SessionLog) -> None:
    assert list(log.entries()) == []
    assert (log.last("user"), log.last(), log.newest(), log.meta()) == (None, None, 0, {})


def test_entries_by_kind_and_after_an_id(log: SessionLog) -> None:
    kinds: list[EntryKind] = ["user", "mode", "assistant", "call", "result", "user"]
    ids = [log.append(kind, 1, {"at": number}) for number, kind in enumerate(kinds)]
    assert [entry.data["at"] for entry in log.entries("user")] == [0, 5]
    assert [entry.data["at"] for entry in log.entries("user", "result")] == [0, 4, 5]
    assert [entry.data["at"] for entry in log.entries(after=ids[3])] == [4, 5]
    assert [entry.data["at"] for entry in log.entries("user", after=ids[0])] == [5]
    assert log.newest() == ids[-1]


def test_last_is_the_newest_of_its_kinds(log: SessionLog) -> None:
    log.append("user", 1, {"n": 1})
    log.append("user", 2, {"n": 2})
    log.append("mode", 3, {"n": 3})
    found = log.last("user")
    assert found is not None
    assert (found.step, found.data) == (2, {"n": 2})
    found = log.last("user", "mode")
    assert found is not None
    assert found.kind == "mode"


def test_meta_keeps_what_is_not_changed(log: SessionLog) -> None:
    log.update_meta(id="s1", model="m")
    log.update_meta(model="n", extra=[1])
    assert log.meta() == {"id": "s1", "model": "n", "extra": [1]}
    assert len(list(log.entries("session"))) == 2


def test_lone_surrogates_become_question_marks(log: SessionLog) -> None:
    log.append("result", 1, {"text": "a\udcff", "k\ud800": "x" * 400 + "\ud83d"})
    (entry,) = log.entries()
    assert entry.data == {"text": "a?", "k?": "x" * 400 + "?"}


json_data = st.dictionaries(
    st.text(max_size=5),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=300),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
        max_leaves=6,
    ),
    max_size=4,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(json_data, max_size=4))
def test_any_json_survives(log: SessionLog, entries: list[JsonObject]) -> None:
    before = log.newest()
    for data in entries:
        log.append("result", 1, data)
    expected = [json.loads(json.dumps(data, ensure_ascii=False).encode("utf-8", "replace")) for data in entries]
    assert [entry.data for entry in log.entries(after=before)] == expected


def test_reopened_it_goes_on(tmp_path: Path) -> None:
    for number in range(3):
        log = SessionLog.open(tmp_path / "log", create=number == 0)
        log.append("user", number, {})
        log.close()
    log = SessionLog.open(tmp_path / "log", create=False)
    assert [entry.step for entry in log.entries()] == [0, 1, 2]
    log.close()


def test_a_missing_log_is_not_made_by_reading(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        SessionLog.open(tmp_path / "none", create=False)
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("data", [b"no database at all, only text" * 50, b"\x00" * 5000])
@pytest.mark.filterwarnings("ignore:unclosed database:ResourceWarning")
def test_what_is_no_log_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "log").write_bytes(data)
    with pytest.raises(sqlite3.DatabaseError):
        SessionLog.open(tmp_path / "log", create=False)


# other processes


def writer(path: Path, count: int) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "tests.agent.log_writer", str(path), str(count)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def printed(process: "subprocess.Popen[str]") -> Iterator[int]:
    assert process.stdout is not None
    for line in process.stdout:
        yield int(line)


def test_a_reader_follows_a_writer(tmp_path: Path) -> None:
    path = tmp_path / "log"
    with writer(path, 400) as process:
        ids = printed(process)
        seen = next(ids)
        log = SessionLog.open(path, create=False)
        for number in ids:
            found = [entry.id for entry in log.entries(after=seen)]
            assert number <= log.newest()
            assert number in found
            seen = number
        assert process.wait(20) == 0
    assert [entry.data["number"] for entry in log.entries()] == list(range(400))
    log.close()


@pytest.mark.parametrize("after", [1, 37, 300])
def test_what_was_written_survives_kill_9(tmp_path: Path, after: int) -> None:
    path = tmp_path / "log"
    with writer(path, 100_000) as process:
        ids = printed(process)
        written = [next(ids) for _ in range(after)]
        process.send_signal(signal.SIGKILL)
        written += [number for number in ids if number]
        process.wait(20)
    log = SessionLog.open(path, create=False)
    kept = [entry.id for entry in log.entries()]
    assert len(written) >= after
    assert kept[: len(written)] == written
    # At most the one entry that was under way is there beyond what was announced.
    assert len(kept) <= len(written) + 1
    log.append("user", 0, {})
    assert log.newest() == len(kept) + 1
    log.close()


# size


def words(luck: random.Random, characters: int) -> str:
    known = ["def", "return self.value", "the parser", "import", "token state", "None", "if", "=", "(", "):", "\n   "]
    text = " ".join(luck.choices(known, k=characters // 4))
    return text[:characters]


def test_size_of_a_long_session(tmp_path: Path) -> None:
    """500 steps with sizes as in real runs: 75 to 626 tokens said, 88 to 714 observed, some reasoning."""
    luck = random.Random(8)
    path = tmp_path / "log"
    log = SessionLog.open(path, create=True)
    content = 0
    for step in range(STEPS):
        reasoning, text = words(luck, luck.randint(0, 3000)), words(luck, 100)
        arguments = json.dumps({"command": words(luck, luck.choice([150, 300, 1500]))})
        result = words(luck, luck.choice([60, 350, 350, 2800, 6000]))
        log.append("mode", step, {"thinking": bool(step % 3), "reason": "routine step", "force": False})
        calls: list[JsonObject] = [{"id": f"s{step}c0", "name": "bash", "arguments": arguments}]
        usage: JsonObject = {
            "prompt_tokens": step * 900,
            "completion_tokens": 90,
            "reasoning_tokens": 4,
            "cached_tokens": 8,
        }
        log.append("assistant", step, {"reasoning": reasoning, "content": text, "calls": calls, "usage": usage})
        log.append("call", step, {"call_id": f"s{step}c0"})
        log.append("result", step, {"call_id": f"s{step}c0", "tool": "bash", "ok": True, "text": result})
        content += sum(len(part.encode()) for part in (reasoning, text, arguments, result))
    log.close()
    size = sum(file.stat().st_size for file in tmp_path.iterdir())
    assert size <= 1.3 * content


def test_files_are_for_the_owner_alone(log: SessionLog) -> None:
    assert log.path.parent.stat().st_mode & 0o077 == 0
