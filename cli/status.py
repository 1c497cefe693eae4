"""The last line of a terminal while something runs: what it is, for how long, and its newest words."""

import asyncio
import shutil
import time
import unicodedata
from collections.abc import Callable
from typing import TextIO

from cli.printing import one_line

_CLEAR = "\r\x1b[2K"
# Calm enough to read, often enough to see that it lives.
_EVERY_S = 1.0
_KEPT = 2000


class StatusLine:
    """Drawn once a second on `out`, and taken away before anything else is written there.

    Without `live` every method does nothing: no terminal, or no event loop to keep the time. `clock` counts seconds.
    """

    def __init__(self, out: TextIO, *, live: bool, clock: Callable[[], float] = time.monotonic) -> None:
        self._out = out
        self._live = live
        self._clock = clock
        self._what = self._heard = ""
        self._since = 0.0
        self._drawn = False
        self._timer: asyncio.TimerHandle | None = None

    @property
    def live(self) -> bool:
        """Whether anything is ever drawn."""
        return self._live

    def begin(self, what: str, *, at_once: bool = False) -> None:
        """Something starts; it is drawn after a second, or at once."""
        self.end()
        if self._live:
            self._what, self._since = what, self._clock()
            if at_once:
                self.draw()
            self._timer = asyncio.get_running_loop().call_later(_EVERY_S, self._tick)

    def rename(self, what: str) -> None:
        """The same work has come to another part; the time goes on. Begins it when nothing runs."""
        if not self._what:
            self.begin(what)
        elif self._what != what:
            self._what, self._heard = what, ""

    def hear(self, text: str) -> None:
        """A piece of what is printed or thought; its last line is shown."""
        if self._what:
            self._heard = (self._heard + text)[-_KEPT:]

    def clear(self) -> None:
        """Take the line away until the next second."""
        if self._drawn:
            self._out.write(_CLEAR)
            self._out.flush()
            self._drawn = False

    def end(self) -> None:
        """What ran has ended."""
        self.clear()
        self._what = self._heard = ""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def draw(self) -> None:
        """Write the line as it is now."""
        seconds = self._clock() - self._since
        parts = [self._what, *([elapsed(seconds)] if seconds >= 1 else []), last_line(self._heard)]
        room = shutil.get_terminal_size().columns - 4
        self._out.write(f"{_CLEAR}   \x1b[2m{fitting('  '.join(part for part in parts if part), room)}\x1b[0m")
        self._out.flush()
        self._drawn = True

    def _tick(self) -> None:
        self.draw()
        self._timer = asyncio.get_running_loop().call_later(_EVERY_S, self._tick)


def elapsed(seconds: float) -> str:
    """Whole seconds, in minutes and hours where it takes long."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02} min"
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"


def last_line(text: str) -> str:
    """The last line that says something; a carriage return begins a line, as progress bars use it."""
    return next((line for line in reversed(text.splitlines()) if line.strip()), "")


def fitting(text: str, columns: int) -> str:
    """The text on one line of at most so many columns; characters of double width count twice."""
    flat, used = one_line(text, max(columns, 1)), 0
    for at, character in enumerate(flat):
        used += 2 if unicodedata.east_asian_width(character) in "WF" else 1
        if used > columns:
            return flat[: max(at - 1, 0)] + "…"
    return flat
