"""Without a terminal that can show the app, one sentence says what to use instead."""

import os
import pty
import sys
from pathlib import Path


def said_in_terminal(folder: Path, term: str) -> tuple[str, int]:
    """What `qwright pair` writes to a pseudo-terminal of this kind, and its exit code."""
    child, terminal = pty.fork()
    if child == 0:
        environment = {**os.environ, "TERM": term, "QWRIGHT_STATE_DIR": str(folder)}
        os.execve(sys.executable, [sys.executable, "-m", "cli.main", "pair", "--repo", str(folder)], environment)
    text = bytearray()
    try:
        while piece := os.read(terminal, 4096):
            text += piece
    except OSError:
        pass  # Linux says so when the other end is closed
    os.close(terminal)
    return text.decode(), os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_a_dumb_terminal_is_told_of_run(tmp_path: Path) -> None:
    text, code = said_in_terminal(tmp_path, "dumb")
    assert "qwright run" in text
    assert text.count("\n") == 1
    assert code == 2
