"""Cuts growing Markdown into pieces that what follows cannot change, so that only its end is drawn again. Pure."""

import re
from dataclasses import dataclass

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})([^`\n]*)")
_ITEM = re.compile(r"(?:[-*+]|\d{1,9}[.)])[ \t]")
# Longer code and lists are cut within: an end that is drawn again with each token must stay short.
LONGEST = 60


@dataclass(frozen=True, slots=True)
class Piece:
    """`text` is Markdown that stands for itself, `length` the characters of the answer behind it.

    Where a list or code `goes_on` behind it no blank line follows; `inside` is the first line of that code.
    """

    text: str
    length: int
    goes_on: bool = False
    inside: str = ""


def stable_pieces(text: str, inside: str = "") -> list[Piece]:
    """The pieces at the beginning of a growing text; `inside` is what the last piece before it said."""
    cutter = _Cutter(inside)
    for line in text.splitlines(keepends=True):
        if line.endswith("\n"):
            cutter.take(line)
    return cutter.pieces


class _Cutter:
    def __init__(self, inside: str) -> None:
        self.pieces: list[Piece] = []
        self._lines: list[str] = []
        self._opener = inside
        self._cut_code = bool(inside)
        self._blank = False

    def take(self, line: str) -> None:
        """One whole line."""
        if self._opener:
            self._take_code(line)
            return
        opens = _FENCE.match(line)
        if not line.strip():
            self._blank = True
        elif self._lines and self._begins(line, fence=opens is not None):
            self._close()
        elif len(self._lines) >= LONGEST and _ITEM.match(line) and _ITEM.match(self._lines[0]):
            self._close(goes_on=True)
        self._lines.append(line)
        if line.strip():
            self._blank = False
        if opens is not None:
            self._opener = line

    def _begins(self, line: str, *, fence: bool) -> bool:
        """Whether a new block begins here for certain."""
        if line[0] in " \t" or (_ITEM.match(line) and _ITEM.match(self._lines[0])):
            return False
        return fence or self._blank

    def _take_code(self, line: str) -> None:
        mark = _mark(self._opener)
        self._lines.append(line)
        if line.strip().startswith(mark) and not line.strip().strip(mark[0]):
            in_block = self._opener[0] not in " \t"
            self._opener = self._opener if self._cut_code else ""
            if in_block:
                self._close()
            self._opener, self._cut_code = "", False
        elif len(self._lines) > LONGEST and self._opener[0] not in " \t":
            opener = self._opener
            self._close(inside=opener)
            self._cut_code = True

    def _close(self, *, goes_on: bool = False, inside: str = "") -> None:
        raw = "".join(self._lines)
        text = f"{self._opener if self._cut_code else ''}{raw}{_mark(inside) if inside else ''}"
        self.pieces.append(Piece(text, len(raw), goes_on or bool(inside), inside))
        self._lines, self._blank = [], False


def _mark(opener: str) -> str:
    match = _FENCE.match(opener)
    return match[1] if match else "```"
