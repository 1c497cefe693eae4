"""From the start of the process to the first paint of the app, beside a bare Textual app: both in a pseudo-terminal.

The first paint is the moment at which the text that the first screen must show has been written to the terminal.
Server and sandbox do not matter: the app asks for them behind the paint.
"""

import fcntl
import os
import pty
import select
import shutil
import signal
import statistics
import struct
import sys
import tempfile
import termios
import time
from pathlib import Path

from benchmarks.table import row

RUNS = 9
LIMIT_S = 30.0
BARE = """
from textual.app import App
from textual.widgets import Static
class Bare(App):
    def compose(self):
        yield Static("Ask, or describe")
Bare().run()
"""
# Part of the prompt's placeholder; the cursor stands on its first letter.
SHOWN = b"sk, or describe"


def seconds_to_paint(command: list[str], folder: Path) -> float:
    """Wall time until the terminal was sent the text."""
    began = time.perf_counter()
    child, terminal = pty.fork()
    if child == 0:
        state = {"QWRIGHT_STATE_DIR": str(folder / "state"), "QWRIGHT_CONFIG_DIR": str(folder / "config")}
        os.chdir(folder)
        os.execve(command[0], command, {**os.environ, **state, "TERM": "xterm-256color"})
    try:
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
        return _until(terminal, began)
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(terminal)


def _until(terminal: int, began: float) -> float:
    seen = bytearray()
    while time.perf_counter() - began < LIMIT_S:
        if not select.select([terminal], [], [], 1.0)[0]:
            continue
        seen += os.read(terminal, 65536)
        if SHOWN in seen:
            return time.perf_counter() - began
    raise TimeoutError(f"nothing was painted within {LIMIT_S:.0f} s; the end of what came: {bytes(seen[-300:])!r}")


def main() -> None:
    qwright = shutil.which("qwright", path=str(Path(sys.executable).parent)) or "qwright"
    # A closed port: the figure is of the paint, not of a server.
    ours = [qwright, "--base-url", "http://127.0.0.1:9/v1"]
    bare = [sys.executable, "-c", BARE]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for command in (ours, bare):
            seconds_to_paint(command, folder)
        pairs = [(seconds_to_paint(ours, folder), seconds_to_paint(bare, folder)) for _ in range(RUNS)]
    row(
        "first paint of the app",
        statistics.median(one for one, _ in pairs) * 1e3,
        "ms",
        "bar 1.7 x",
        statistics.median(one / other for one, other in pairs),
        "bare Textual app",
    )


if __name__ == "__main__":
    main()
