"""One process at a time on a session."""

import subprocess
import sys
from pathlib import Path

import pytest

from agent.log import SessionLog
from cli.errors import UsageError
from cli.lock import is_held, session_lock
from cli.sessions.rows import read_row

HOLD = """
import pathlib, sys
from cli.lock import session_lock
with session_lock(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_process_is_refused_and_told_who_has_it(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(UsageError, match=f"is running .process {holder.pid}."), session_lock(tmp_path):
            pass
        assert is_held(tmp_path)
        holder.kill()
    assert not is_held(tmp_path)
    with session_lock(tmp_path):
        assert (tmp_path / "lock").exists()


def test_a_session_without_an_end_is_running_while_a_process_has_it(tmp_path: Path) -> None:
    log = SessionLog.open(tmp_path / "log.sqlite", create=True)
    log.append("user", 0, {"text": "mend it"})
    log.close()
    with session_lock(tmp_path):
        row = read_row("s", tmp_path / "log.sqlite")
        assert row is not None
        assert row.status == "running"
    row = read_row("s", tmp_path / "log.sqlite")
    assert row is not None
    assert row.status == "interrupted"


def test_nothing_has_a_folder_without_a_lock(tmp_path: Path) -> None:
    assert not is_held(tmp_path)
