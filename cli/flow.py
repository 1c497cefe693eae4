"""Prose that arrives in pieces, written word by word: indented, wrapped, without blank lines at its ends."""

import re
from dataclasses import dataclass
from typing import TextIO

_PIECES = re.compile(r"\s+|\S+")


@dataclass(slots=True)
class Flow:
    """Writes to `out` behind `indent`; `width` columns are kept where possible, 0 means that lines are left long.

    `paint` is the number of a terminal style, "" for none. A word is written once the white space after it is known,
    so that neither a wrapped line nor the end of a text carries any.
    """

    out: TextIO
    indent: str = "  "
    width: int = 0
    paint: str = ""
    _column: int = 0
    _space: str = ""
    _word: str = ""

    def feed(self, text: str) -> None:
        """Take the next piece; it may begin or end in mid-word."""
        for piece in _PIECES.findall(text):
            if piece.isspace():
                self._write_word()
                self._space += piece
            else:
                self._word += piece

    def end(self) -> None:
        """Write what is held back and end the line. A text of nothing but white space has left no trace."""
        self._write_word()
        if self._column:
            self.out.write("\n")
        self._column, self._space = 0, ""

    def _write_word(self) -> None:
        if not self._word:
            return
        lines = self._space.count("\n")
        between = self._space.rpartition("\n")[2]
        too_long = bool(self.width) and self._column + len(between) + len(self._word) > self.width
        if not self._column:
            self.out.write(self.indent)
            self._column = len(self.indent)
        elif lines:
            # More than one blank line says no more than one.
            self.out.write("\n" * min(lines, 2) + self.indent + between)
            self._column = len(self.indent) + len(between)
        elif too_long:
            self.out.write("\n" + self.indent)
            self._column = len(self.indent)
        else:
            self.out.write(between)
            self._column += len(between)
        self.out.write(f"\x1b[{self.paint}m{self._word}\x1b[0m" if self.paint else self._word)
        self._column += len(self._word)
        self._space = self._word = ""
