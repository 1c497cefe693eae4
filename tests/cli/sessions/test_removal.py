"""Sessions that are removed, and those that stay."""

from pathlib import Path

from agent.log import SessionLog
from cli.lock import session_lock
from cli.sessions.export import fenced
from tests.cli.programs import qwright

IDS = [f"20260101-00000{number}-abc" for number in range(3)]


def made(folder: Path) -> Path:
    sessions = folder / "state" / "sessions"
    for name in IDS:
        (sessions / name).mkdir(parents=True)
        log = SessionLog.open(sessions / name / "log.sqlite", create=True)
        log.append("user", 0, {"text": "do"})
        log.append("assistant", 1, {"content": "", "calls": [{"name": "bash", "arguments": "x" * 5000}]})
        log.close()
    return sessions


def test_sessions_go_by_name_or_by_age_but_never_unasked_or_running(tmp_path: Path) -> None:
    sessions = made(tmp_path)
    assert "--yes" in qwright(tmp_path, "sessions", "rm", IDS[0]).stderr
    assert qwright(tmp_path, "sessions", "prune", "--yes").returncode == 2
    assert "2 older sessions" in qwright(tmp_path, "sessions", "list", "-n", "1").stdout
    assert "x" * 5000 in qwright(tmp_path, "sessions", "export", IDS[1], "--format", "markdown").stdout
    with session_lock(sessions / IDS[0]):
        held = qwright(tmp_path, "sessions", "rm", IDS[0], "--yes")
    assert "is running" in held.stderr
    assert "0 sessions removed." in held.stdout
    assert "Nothing to remove" in qwright(tmp_path, "sessions", "prune", "--older-than", "1d", "--yes").stdout
    assert "2 sessions removed." in qwright(tmp_path, "sessions", "prune", "--keep", "1", "--yes").stdout
    assert [path.name for path in sessions.iterdir()] == [IDS[2]]


def test_a_fence_is_longer_than_any_within() -> None:
    assert fenced("a`````b") == "``````\na`````b\n``````"
