"""From a key to its letter on the terminal while an answer of 200 tokens/s streams, with a short and a long
conversation, beside a bare Textual app with an `Input`; and the CPU that the app takes while nothing happens.

Each app runs in a pseudo-terminal of its own. A key is a letter that stands nowhere else, and the time ends when its
bytes arrive.
"""

import fcntl
import os
import pty
import select
import signal
import statistics
import struct
import sys
import termios
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from benchmarks.table import row

KEYS = 60
GAP_S = 0.12
SETTLE_S = 2.0
IDLE_S = 10.0
LIMIT_S = 60.0
SHORT, LONG = 10, 2_000
# 126 letters of Latin Extended-A, which neither conversation nor stream holds.
LETTERS = [chr(code) for code in range(0x100, 0x17F)]
READY = "Āready"


@dataclass(slots=True)
class Terminal:
    """A child in a pseudo-terminal."""

    pid: int
    file: int

    def until(self, text: str) -> float:
        """Seconds until the text has come. Raises `TimeoutError`."""
        began, seen, wanted = time.perf_counter(), b"", text.encode()
        while time.perf_counter() - began < LIMIT_S:
            if select.select([self.file], [], [], 0.5)[0]:
                seen = (seen + os.read(self.file, 65536))[-70_000:]
                if wanted in seen:
                    return time.perf_counter() - began
        raise TimeoutError(f"{text!r} did not come within {LIMIT_S:.0f} s; the end of what came: {seen[-300:]!r}")

    def rest(self, seconds: float) -> None:
        """Read on, so that the child never waits for its terminal."""
        end = time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            if select.select([self.file], [], [], left)[0]:
                os.read(self.file, 65536)

    def echoes(self) -> "Echoes":
        """Each key's way to its letter."""
        found = Echoes([], [])
        for number in range(KEYS):
            letter = LETTERS[1 + number % (len(LETTERS) - 1)]
            before = self.cpu_s()
            os.write(self.file, letter.encode())
            found.wall_ms.append(self.until(letter) * 1e3)
            found.cpu_ms.append((self.cpu_s() - before) * 1e3)
            self.rest(GAP_S)
        return found

    def cpu_s(self) -> float:
        """Seconds that the app's thread has had of a CPU, to the nanosecond (proc(5), schedstat)."""
        with open(f"/proc/{self.pid}/schedstat", encoding="utf-8") as file:
            return int(file.read().split()[0]) / 1e9


@dataclass(slots=True)
class Echoes:
    """From key to letter: the time that passed, and what the app's thread worked of it."""

    wall_ms: list[float]
    cpu_ms: list[float]


@contextmanager
def shown(*arguments: str) -> Generator[Terminal]:
    """An app of `benchmarks.tui_echo_app`, painted."""
    child, file = pty.fork()
    if child == 0:
        os.execve(
            sys.executable,
            [sys.executable, "-m", "benchmarks.tui_echo_app", *arguments],
            {**os.environ, "TERM": "xterm-256color"},
        )
    try:
        fcntl.ioctl(file, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        terminal = Terminal(child, file)
        terminal.until(READY)
        terminal.rest(SETTLE_S)
        yield terminal
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(file)


def p95(values: Sequence[float]) -> float:
    """The value that 95 of 100 do not pass."""
    return statistics.quantiles(values, n=20)[-1]


def echo(*arguments: str) -> Echoes:
    """The keys of one app."""
    with shown(*arguments) as terminal:
        return terminal.echoes()


def main() -> None:
    bare = echo("bare")
    for blocks in (SHORT, LONG):
        found = echo("stream", str(blocks))
        wall = p95(found.wall_ms)
        row(f"key echo, {blocks:,} blocks, p95", wall, "ms", "bar 50 ms", wall / p95(bare.wall_ms), "bare Textual app")
        worked = p95(found.cpu_ms)
        row("  of it the app's own work", worked, "ms", "", worked / p95(bare.cpu_ms), "bare Textual app")
    with shown("idle", str(LONG)) as terminal:
        before = terminal.cpu_s()
        terminal.rest(IDLE_S)
        row("CPU while idle, 2,000 blocks", (terminal.cpu_s() - before) / IDLE_S * 100, "%", "bar 1 %")


if __name__ == "__main__":
    main()
