"""A request to end, as a supervisor or a logout makes it: the terminal is left as it was found."""

import signal
from pathlib import Path

from tests.cli.programs import argv, environment
from tests.cli.terminal import on_terminal


def test_sigterm_gives_the_terminal_back(tmp_path: Path) -> None:
    (tmp_path / "repo").mkdir()
    command = argv("pair", "--repo", "repo", "--base-url", "http://127.0.0.1:9/v1", "--sandbox", "local")
    terminal = on_terminal(command, environment(tmp_path, TERM="xterm-256color"), tmp_path)
    terminal.until("does not answer")
    assert "\x1b[?1049h" in terminal.seen
    terminal.process.send_signal(signal.SIGTERM)
    assert terminal.wait() == 128 + signal.SIGTERM
    assert "\x1b[?1049l" in terminal.seen.rpartition("does not answer")[2]
