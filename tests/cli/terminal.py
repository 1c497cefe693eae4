"""A pseudo-terminal around a command: what a person at a screen would see and type."""

import os
import pty
import select
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(slots=True)
class Terminal:
    """A running command whose three streams are a terminal. `seen` is everything written so far."""

    process: "subprocess.Popen[bytes]"
    master: int
    seen: str = ""
    _bytes: bytearray = field(default_factory=bytearray)

    def until(self, words: str, seconds: float = 60.0) -> str:
        """Read until the words have come; gives everything up to then. An `AssertionError` when they do not come."""
        end = time.monotonic() + seconds
        while words not in self.seen:
            if not self._read(end):
                raise AssertionError(f"{words!r} did not come; what came: {self.seen!r}")
        return self.seen

    def type(self, text: str) -> None:
        os.write(self.master, text.encode())

    def wait(self, seconds: float = 60.0) -> int:
        """Read to the end; the exit code."""
        end = time.monotonic() + seconds
        while self._read(end):
            pass
        return self.process.wait(max(end - time.monotonic(), 1.0))

    def _read(self, end: float) -> bool:
        ready, _, _ = select.select([self.master], [], [], max(end - time.monotonic(), 0))
        if not ready:
            return False
        try:
            data = os.read(self.master, 65536)
        except OSError:  # how Linux says that the other side has closed
            return False
        self._bytes += data
        self.seen = self._bytes.decode("utf-8", "replace").replace("\r\n", "\n")
        return bool(data)


def on_terminal(
    command: Sequence[str], environment: Mapping[str, str], cwd: Path, stdout: int | None = None
) -> Terminal:
    """Start a command in a session of its own, on a terminal of 100 columns; `stdout` replaces standard output."""
    master, slave = pty.openpty()
    process = subprocess.Popen(
        list(command),
        stdin=slave,
        stdout=slave if stdout is None else stdout,
        stderr=slave,
        env={**environment, "TERM": "xterm", "COLUMNS": "100"},
        cwd=cwd,
        start_new_session=True,
    )
    os.close(slave)
    return Terminal(process, master)
