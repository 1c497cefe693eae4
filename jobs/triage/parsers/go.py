"""`go test` and the go compiler."""

import re
from collections.abc import Sequence

from jobs.triage.failures import Failure, Frame, Kind, Quote
from jobs.triage.lines import Line
from jobs.triage.parsers.base import NOTHING, Block

_FAIL = re.compile(r"^(\s*)--- FAIL: (\S+)")
_DONE = re.compile(r"^\s*--- (?:PASS|SKIP): (\S+)")
_RUN = re.compile(r"^=== (?:RUN|CONT)\s+(\S+)$")
_MOST_RUNNING = 1000
_MESSAGE = re.compile(r"^\s+([\w./-]+\.go):(\d{1,9}): (.*)$")
_FRAME = re.compile(r"^\s+(\S+\.go):(\d{1,9})(?: \+0x[0-9a-f]+)?$")
_NO_MODULE = re.compile(r"no required module provides package|cannot find (?:module|package)")
_COMPILER = re.compile(r"^(?:vet: )?([\w./-]+\.go):(\d{1,9}):(\d{1,9}): (.+)$")


class GoParser:
    """Messages stand after `--- FAIL`, or with -v behind `=== RUN` long before it; a panic brings its stack."""

    def __init__(self) -> None:
        self._before: Block | None = None
        self._running: dict[str, Block] = {}
        self._block: Block | None = None
        self._panic = False

    def feed(self, line: Line) -> Sequence[Failure]:
        """See `Parser`."""
        text = line.text
        if text.startswith(("=== RUN", "=== CONT")) and (found := _RUN.match(text)):
            self._before = self._running.pop(found[1], None) or Block("", line)
            self._running[found[1]] = self._before
            if len(self._running) > _MOST_RUNNING:
                del self._running[next(iter(self._running))]
            return self._close()
        if "--- FAIL: " in text and (found := _FAIL.match(text)):
            return self._failed(found[2], line)
        if "--- " in text and (found := _DONE.match(text)):
            self._running.pop(found[1], None)
            self._before = None
            return self._close() if text.startswith("---") else NOTHING
        if text.startswith("panic: "):
            block = self._block or Block("panic", line)
            block.message, self._block, self._panic = text, block, True
            block.quote(line)
            return NOTHING
        if text.startswith(("FAIL", "ok  ", "PASS", "--- ")):
            return self._close()
        if ".go:" not in text:
            return NOTHING
        return self._place(line)

    def finish(self) -> Sequence[Failure]:
        """See `Parser`."""
        return self._close()

    def _failed(self, name: str, line: Line) -> Sequence[Failure]:
        if self._block and name.startswith(f"{self._block.title}/") and not self._block.message:
            self._block = None  # the parent of a subtest that failed says nothing of its own
        done = self._close()
        self._block = Block(name, line)
        before, self._before = self._running.pop(name, None), None
        if before and before.message:
            self._block.message, self._block.frames = before.message, before.frames
            self._block.quotes += before.quotes[1:]
        return done

    def _place(self, line: Line) -> Sequence[Failure]:
        text = line.text
        if found := _COMPILER.match(text):
            frame, quote = Frame(found[1], int(found[2])), Quote(line.number, text)
            kind = Kind.DEPENDENCY if _NO_MODULE.match(found[4]) else Kind.BUILD
            return (Failure("go", kind, found[1], found[4], frames=(frame,), quotes=(quote,)),)
        block = self._block or self._before
        if block is None:
            return NOTHING
        if self._panic and (found := _FRAME.match(text)):
            if "/usr/local/go/" not in text and "/src/runtime/" not in text and "/src/testing/" not in text:
                block.frames.insert(0, Frame(found[1], int(found[2])))
                del block.frames[40:]
        elif found := _MESSAGE.match(text):
            block.message = block.message or found[3]
            block.frame(found[1], found[2])
            block.quote(line)
        return NOTHING

    def _close(self) -> Sequence[Failure]:
        block, self._block, panic, self._panic = self._block, None, self._panic, False
        if block is None:
            return NOTHING
        error = "panic" if panic else ""
        return (Failure("go", Kind.TEST, block.title, block.message, error, tuple(block.frames), tuple(block.quotes)),)
