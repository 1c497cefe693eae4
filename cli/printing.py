"""Untrusted text made fit for a terminal, and words for numbers."""

import os
import re
from typing import TextIO

# Besides control characters: marks that turn the direction of writing, and halves of characters that no encoding takes.
_CONTROL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
LONGEST_LINE = 160
COLOURS = {"dim": "2", "bold": "1", "red": "31", "green": "32", "yellow": "33", "cyan": "36", "magenta": "35"}


def printable(text: str) -> str:
    """Text from a model, a repository or a command, with everything that could drive the terminal made visible."""
    return _CONTROL.sub(lambda match: f"\\x{ord(match[0]):02x}", text.replace("\r\n", "\n"))


def one_line(text: str, width: int = LONGEST_LINE) -> str:
    """The text on one line, cut at `width` characters with an ellipsis."""
    flat = " ".join(printable(text).split())
    return flat if len(flat) <= width else flat[: width - 1] + "…"


def counted(number: int, noun: str) -> str:
    """A number with its noun, regular plurals only: "1 step", "2 steps"."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def painted(colour: str, text: str, wanted: bool) -> str:
    """Text in one of `COLOURS` when that is wanted."""
    return f"\x1b[{COLOURS[colour]}m{text}\x1b[0m" if wanted else text


def dimmed(text: str, colour: bool) -> str:
    """Text that stands back on a terminal."""
    return painted("dim", text, colour)


def has_cursor(out: TextIO) -> bool:
    """Whether a stream is a terminal that can take a line back."""
    return out.isatty() and os.environ.get("TERM") != "dumb"


def wants_colour(out: TextIO) -> bool:
    """Whether a stream is such a terminal and its user did not ask for plain text (no-color.org)."""
    return has_cursor(out) and not os.environ.get("NO_COLOR")


def paint_diff(patch: str, colour: bool) -> str:
    """A unified diff for the terminal."""
    if not colour:
        return printable(patch)
    lines: list[str] = []
    for line in printable(patch).split("\n"):
        code = {"+": "32", "-": "31", "@": "36"}.get(line[:1])
        code = "1" if line.startswith(("diff ", "+++", "---")) else code
        lines.append(f"\x1b[{code}m{line}\x1b[0m" if code else line)
    return "\n".join(lines)
