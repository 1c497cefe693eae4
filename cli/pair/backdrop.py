"""Whether the terminal's background is light: asked at once, answered while the app is being loaded.

The question is OSC 11 (xterm's control sequences), with a request for the device's attributes behind it: every terminal
answers that one, and in order, so its answer ends the wait where the first question has none.
"""

import os
import re
import select
import sys
import time
from collections.abc import Mapping

# A terminal on this machine answers within a few milliseconds; loading the app takes longer than this anyway.
MOST_S = 0.1
_QUESTION = b"\x1b]11;?\x1b\\\x1b[c"
_COLOUR = re.compile(
    rb"\x1b\]11;rgba?:([0-9a-fA-F]{1,4})/([0-9a-fA-F]{1,4})/([0-9a-fA-F]{1,4})[^\x07\x1b]*(?:\x07|\x1b\\)"
)
_ATTRIBUTES = re.compile(rb"\x1b\[\?[\d;]*c")
# These do not answer, or print the question.
_NOT_ASKED = ("linux", "dumb", "screen")


class Backdrop:
    """Asks when it is made, where that is safe. `answer` must follow: until then the terminal does not echo."""

    def __init__(self, environment: Mapping[str, str] | None = None, fd: int | None = None) -> None:
        self._environment = os.environ if environment is None else environment
        self._fd = sys.stdin.fileno() if fd is None else fd
        self._before: list[object] | None = None
        self._asked_at = time.monotonic()
        if self._may_ask():
            self._ask()

    def _may_ask(self) -> bool:
        # Far away an answer could come when the app reads keys already, and would be typed into the prompt.
        far = any(self._environment.get(name) for name in ("SSH_CONNECTION", "SSH_TTY", "MOSH_CONNECTION"))
        plain = self._environment.get("TERM", "").startswith(_NOT_ASKED)
        return os.name == "posix" and not far and not plain and os.isatty(self._fd)

    def _ask(self) -> None:
        import termios
        import tty

        try:
            self._before = list(termios.tcgetattr(self._fd))
            tty.setcbreak(self._fd, termios.TCSANOW)
            os.write(self._fd, _QUESTION)
        except (OSError, termios.error):
            self._restore()

    def answer(self) -> tuple[bool | None, str]:
        """Whether the background is light, None where nobody knows; and what a person typed meanwhile."""
        known = self._read() if self._before is not None else b""
        self._restore()
        found = _COLOUR.search(known)
        typed = _ATTRIBUTES.sub(b"", _COLOUR.sub(b"", known)).decode("utf-8", "replace")
        light = is_light(*found.groups()) if found else light_by_name(self._environment.get("COLORFGBG", ""))
        return light, typed

    def _read(self) -> bytes:
        seen = b""
        while not _ATTRIBUTES.search(seen):
            left = max(self._asked_at + MOST_S - time.monotonic(), 0.0)
            if not select.select([self._fd], [], [], left)[0]:
                break
            data = os.read(self._fd, 4096)
            if not data:
                break
            seen += data
        return seen

    def _restore(self) -> None:
        if self._before is not None:
            import termios

            termios.tcsetattr(self._fd, termios.TCSANOW, self._before)  # pyright: ignore[reportArgumentType]  # as tcgetattr gave it
            self._before = None


def is_light(red: bytes, green: bytes, blue: bytes) -> bool:
    """Whether a colour of one to four hexadecimal digits a part is nearer to white than to black."""
    parts = [int(part, 16) / (16 ** len(part) - 1) for part in (red, green, blue)]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2] > 0.5


def light_by_name(value: str) -> bool | None:
    """The same from COLORFGBG ("15;0": text and background by their numbers), None where it is not set."""
    number = value.rpartition(";")[2]
    if not number.isdecimal() or int(number) > 15:
        return None
    return int(number) in (7, *range(9, 16))
