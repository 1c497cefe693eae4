"""A terminal with a program in it, as a person sees it: tmux draws, the test reads the screen and types.

Every change of the screen passes through a pipe, so that waiting for words needs no pauses.
"""

import os
import select
import shlex
import shutil
import signal
import subprocess
import time
import uuid
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.needs import missing

SECONDS = 40.0
_OPTIONS = "set -g remain-on-exit on\nset -g status off\nset -g focus-events on\n"


@dataclass(slots=True)
class Screen:
    """One pane on a tmux server of its own. `width` and `height` in cells."""

    socket: str
    pipe: int
    width: int
    height: int

    def tmux(self, *arguments: str) -> str:
        done = subprocess.run(["tmux", "-L", self.socket, *arguments], capture_output=True, text=True, check=True)
        return done.stdout

    def lines(self) -> list[str]:
        """What is on the screen now."""
        return [line.rstrip() for line in self.tmux("capture-pane", "-p", "-t", "0").split("\n")]

    def text(self) -> str:
        return "\n".join(self.lines())

    def until(self, *words: str, without: Sequence[str] = (), seconds: float = SECONDS) -> str:
        """Wait until all the words are there and none of `without`; an `AssertionError` shows the screen."""
        if not self.comes(*words, without=without, seconds=seconds):
            raise AssertionError(f"after {seconds:g} s: wanted {words}, without {tuple(without)}\n{self.text()}")
        return self.text()

    def comes(self, *words: str, without: Sequence[str] = (), seconds: float = SECONDS) -> bool:
        """Whether they come in time."""
        end = time.monotonic() + seconds
        while True:
            text = self.text()
            if all(word in text for word in words) and not any(word in text for word in without):
                return True
            if not self._changed(end):
                return False

    def type(self, text: str) -> None:
        self.tmux("send-keys", "-t", "0", "-l", text)

    def press(self, *keys: str) -> None:
        """Keys by tmux's names: Enter, Escape, C-s, BTab."""
        self.tmux("send-keys", "-t", "0", *keys)

    def send(self, text: str) -> None:
        """Type a line into the prompt and send it, once it stands there."""
        self.type(text)
        self.until(text[: self.width // 2])
        self.press("Enter")

    def resize(self, width: int, height: int) -> None:
        self.tmux("resize-window", "-t", "0", "-x", str(width), "-y", str(height))
        self.width, self.height = width, height

    def kill(self) -> None:
        """SIGKILL to the program, whatever it does."""
        process = os.pidfd_open(int(self._format("pane_pid")))
        signal.pidfd_send_signal(process, signal.SIGKILL)
        select.select([process], [], [], SECONDS)
        os.close(process)

    def ended(self, seconds: float = SECONDS) -> int:
        """Wait for the program's end; its exit code, or the negative number of the signal that ended it."""
        end = time.monotonic() + seconds
        while not (dead := self._format("pane_dead_status", "pane_dead_signal").strip()):
            if not self._changed(end):
                raise AssertionError(f"after {seconds:g} s it still runs\n{self.text()}")
        return int(dead) if self._format("pane_dead_status").strip() else -int(dead)

    def _format(self, *names: str) -> str:
        return self.tmux("display-message", "-p", "-t", "0", " ".join(f"#{{{name}}}" for name in names))

    def start(self, command: Sequence[str]) -> None:
        """Another program in place of the one that has ended."""
        self.tmux("respawn-pane", "-k", "-t", "0", shlex.join(command))
        self._follow()

    def _follow(self) -> None:
        self.tmux("pipe-pane", "-t", "0", f"exec cat > {shlex.quote(self._fifo)}")

    @property
    def _fifo(self) -> str:
        return os.readlink(f"/proc/self/fd/{self.pipe}")

    def _changed(self, end: float) -> bool:
        """Wait for the next output; False when the time is over. A pane that died says so without output."""
        left = end - time.monotonic()
        ready, _, _ = select.select([self.pipe], [], [], min(max(left, 0), 0.5))
        if ready:
            os.read(self.pipe, 1 << 20)
        return left > 0


@contextmanager
def on_screen(
    command: Sequence[str], environment: Mapping[str, str], cwd: Path, width: int = 110, height: int = 60
) -> Generator[Screen]:
    """Run a program in a terminal of this size; whatever still runs at the end is ended."""
    if shutil.which("tmux") is None:
        missing("no tmux: install it to test the app on a real terminal")
    socket = f"qwright-test-{uuid.uuid4().hex[:12]}"
    fifo = cwd.parent / f"{socket}.pipe"
    os.mkfifo(fifo)
    screen = Screen(socket, os.open(fifo, os.O_RDWR | os.O_NONBLOCK), width, height)
    options = cwd.parent / f"{socket}.conf"
    options.write_text(_OPTIONS)
    begin = ["tmux", "-f", str(options), "-L", socket, "new-session", "-d", "-x", str(width), "-y", str(height)]
    try:
        subprocess.run([*begin, shlex.join(command)], env=dict(environment), cwd=cwd, check=True)
        screen._follow()  # pyright: ignore[reportPrivateUsage]  # its own module
        yield screen
    finally:
        subprocess.run(["tmux", "-L", socket, "kill-server"], check=False, capture_output=True)
        os.close(screen.pipe)
        fifo.unlink()
        options.unlink()
