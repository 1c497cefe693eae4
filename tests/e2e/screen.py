"""A terminal with a program in it, as a person sees it: tmux draws, the test reads the screen and types.

Every change of the screen passes through a pipe, so that waiting for words needs no pauses.
"""

import os
import re
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
_ENDED = "ended with exit code "
_OPTIONS = "set -g status off\nset -g focus-events on\n"


@dataclass(slots=True)
class Screen:
    """One pane on a tmux server of its own. `width` and `height` in cells."""

    socket: str
    files: Path
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
        os.kill(int(self.files.with_suffix(".pid").read_text()), signal.SIGKILL)
        self.ended()

    def ended(self) -> int:
        """Wait for the program's end; its exit code as a shell gives it."""
        found = re.search(rf"{_ENDED}(\d+)", self.until(_ENDED))
        assert found is not None
        return int(found[1])

    def start(self, command: Sequence[str]) -> None:
        """Another program in place of the one that has ended."""
        self.tmux("respawn-pane", "-k", "-t", "0", self.shell_line(command))
        self.follow()

    def follow(self) -> None:
        """Every output of the pane goes through the pipe too."""
        self.tmux("pipe-pane", "-t", "0", f"exec cat > {shlex.quote(str(self.files))}")

    def shell_line(self, command: Sequence[str]) -> str:
        """Tells the program's process id while it runs, and its exit code when it has ended."""
        inner = f"echo $$ > {shlex.quote(str(self.files.with_suffix('.pid')))}; exec {shlex.join(command)}"
        return f"sh -c {shlex.quote(inner)}; echo; echo '{_ENDED}'$?; exec sleep 1000"

    def _changed(self, end: float) -> bool:
        """Wait for the next output; False when the time is over."""
        ready, _, _ = select.select([self.pipe], [], [], max(end - time.monotonic(), 0))
        if ready:
            os.read(self.pipe, 1 << 20)
        return bool(ready)


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
    screen = Screen(socket, fifo, os.open(fifo, os.O_RDWR | os.O_NONBLOCK), width, height)
    options = fifo.with_suffix(".conf")
    options.write_text(_OPTIONS)
    begin = ["tmux", "-f", str(options), "-L", socket, "new-session", "-d", "-x", str(width), "-y", str(height)]
    try:
        subprocess.run([*begin, screen.shell_line(command)], env=dict(environment), cwd=cwd, check=True)
        screen.follow()
        yield screen
    finally:
        subprocess.run(["tmux", "-L", socket, "kill-server"], check=False, capture_output=True)
        os.close(screen.pipe)
        for path in (fifo, options, fifo.with_suffix(".pid")):
            path.unlink(missing_ok=True)
