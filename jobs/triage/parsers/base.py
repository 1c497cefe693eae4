"""What a parser is, and the block of lines that most of them gather."""

import re
from collections.abc import Sequence
from typing import Protocol

from jobs.triage.failures import Failure, Frame, Quote
from jobs.triage.lines import Line

MOST_FRAMES = 40
MOST_QUOTES = 12
NOTHING: tuple[Failure, ...] = ()
PYTHON_FRAME = re.compile(r'^\s*File "([^"]{1,1000})", line (\d{1,9})(?:, in (.{1,200}))?')


class Parser(Protocol):
    """Takes a log line by line and gives failures as soon as each is complete."""

    def feed(self, line: Line) -> Sequence[Failure]:
        """Failures that this line completes."""
        ...

    def finish(self) -> Sequence[Failure]:
        """What is still open at the end of the log."""
        ...


class Block:
    """Lines that belong to one failure: the last frames and the decisive lines, bounded."""

    def __init__(self, title: str, first: Line) -> None:
        self.title = title
        self.message = ""
        self.frames: list[Frame] = []
        self.quotes: list[Quote] = [Quote(first.number, first.text)]

    def frame(self, path: str, line: str, function: str = "") -> None:
        """Add a frame, the innermost last; of endless recursion the middle is left out."""
        if len(self.frames) >= MOST_FRAMES:
            del self.frames[MOST_FRAMES // 2]
        self.frames.append(Frame(path, int(line), function))

    def python_frame(self, line: Line) -> bool:
        """Whether the line is a frame of a Python traceback, which is then added."""
        found = PYTHON_FRAME.match(line.text) if 'File "' in line.text else None
        if found:
            self.frame(found[1], found[2], found[3] or "")
        return found is not None

    def quote(self, line: Line) -> None:
        """Keep a decisive line; the last one replaces the one before where there are too many."""
        if len(self.quotes) >= MOST_QUOTES:
            self.quotes.pop()
        self.quotes.append(Quote(line.number, line.text))
