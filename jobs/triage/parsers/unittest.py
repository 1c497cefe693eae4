"""unittest and bare Python tracebacks."""

import re
from collections.abc import Sequence

from jobs.triage.failures import Failure, Kind, error_class
from jobs.triage.lines import Line
from jobs.triage.parsers.base import NOTHING, Block

_HEAD = re.compile(r"^(ERROR|FAIL): (.{1,500})$")
_RULE = re.compile(r"^(={20,}|-{20,})$")
_OPENING = "Traceback (most recent call last):"
_INSIDE = re.compile(r"^\s|^$")


class UnittestParser:
    """`FAIL: test (module.Class.test)` under a line of equals signs, then a traceback."""

    def __init__(self) -> None:
        self._after_rule = False
        self._block: Block | None = None
        self._in_traceback = False

    def feed(self, line: Line) -> Sequence[Failure]:
        """See `Parser`."""
        text = line.text
        if text.startswith(("=====", "-----")) and _RULE.match(text):
            self._after_rule = text[0] == "="
            return self._close() if self._after_rule or (self._block and self._block.message) else NOTHING
        if self._after_rule:
            self._after_rule = False
            if head := _HEAD.match(text):
                self._block, self._in_traceback = Block(head[2], line), False
            return NOTHING
        if self._block is None:
            return NOTHING
        if text.startswith(_OPENING):
            self._in_traceback = True
        elif self._in_traceback and not self._block.python_frame(line) and text and not text[0].isspace():
            self._block.message, self._in_traceback = text, False
            self._block.quote(line)
        elif self._in_traceback and 'File "' in text:
            self._block.quote(line)
        return NOTHING

    def finish(self) -> Sequence[Failure]:
        """See `Parser`."""
        return self._close()

    def _close(self) -> Sequence[Failure]:
        block, self._block, self._in_traceback = self._block, None, False
        if block is None or not block.message:
            return NOTHING
        failed_import = "unittest.loader._FailedTest" in block.title
        kind = Kind.COLLECTION if failed_import else Kind.TEST
        frames = tuple(frame for frame in block.frames if "/unittest/" not in frame.path)
        return (
            Failure(
                "unittest", kind, block.title, block.message, error_class(block.message), frames, tuple(block.quotes)
            ),
        )


class TracebackParser:
    """A traceback on its own: weak, because test runners print the same ones."""

    def __init__(self) -> None:
        self._block: Block | None = None
        self._lines = 0

    def feed(self, line: Line) -> Sequence[Failure]:
        """See `Parser`."""
        text = line.text
        if _OPENING in text and text.strip().startswith("Traceback"):
            self._block, self._lines = Block("", line), 0
            return NOTHING
        block = self._block
        if block is None:
            return NOTHING
        self._lines += 1
        if block.python_frame(line):
            block.quote(line)
            return NOTHING
        if self._lines > 5000:
            self._block = None
        if _INSIDE.match(text):
            return NOTHING
        self._block = None
        if not block.frames or not error_class(text):
            return NOTHING
        block.quote(line)
        frames, quotes = tuple(block.frames), tuple(block.quotes)
        return (Failure("python", Kind.CRASH, frames[-1].path, text, error_class(text), frames, quotes, weak=True),)

    def finish(self) -> Sequence[Failure]:
        """See `Parser`."""
        return NOTHING
