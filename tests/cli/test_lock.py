"""One process at a time on a session."""

import subprocess
import sys
from pathlib import Path

import pytest

from cli.errors import UsageError
from cli.lock import session_lock

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
        holder.kill()
    with session_lock(tmp_path):
        assert (tmp_path / "lock").exists()
