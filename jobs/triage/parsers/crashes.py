"""Programs that ended in the middle: segmentation faults, Python's fatal errors, uncaught errors of node."""

import re
from collections.abc import Sequence

from jobs.triage.failures import Failure, Kind, error_class
from jobs.triage.lines import Line
from jobs.triage.parsers.base import NOTHING, Block
from jobs.triage.parsers.javascript import javascript_frame

_FATAL = "Fatal Python error: "
_PYTHON = re.compile(r'^\s*File "([^"]{1,1000})", line (\d{1,9}) in (.{1,200})')
_NODE = re.compile(r"^(?:Uncaught )?(?:[A-Z]\w{0,60})?Error(?: \[\w{1,60}\])?: .")
_FAULT = re.compile(r"\bSegmentation fault\b|\bSIGSEGV\b|\bSIGABRT\b|\bAborted \(core dumped\)|\bBus error\b")
_FAULT_WORDS = ("ault", "SIG", "dumped", "Bus error")
_BETWEEN = ("- ", "Require stack:")
_LONGEST = 60


class CrashParser:
    """All weak: where a test runner tells of the same, that is better."""

    def __init__(self) -> None:
        self._python: Block | None = None
        self._node: Block | None = None
        self._lines = 0
        self._fault = False

    def feed(self, line: Line) -> Sequence[Failure]:
        """See `Parser`."""
        text = line.text
        done = self._inside(line) if self._python or self._node else NOTHING
        if _FATAL in text:
            self._python, self._lines, self._fault = Block(text[text.index(_FATAL) :], line), 0, True
        elif not self._python and "Error" in text and _NODE.match(text):
            self._node, self._lines = Block(text, line), 0
        elif not self._fault and any(map(text.__contains__, _FAULT_WORDS)) and _FAULT.search(text):
            self._fault = True
            return (*done, _crash("segmentation fault", Block(text, line)))
        return done

    def finish(self) -> Sequence[Failure]:
        """See `Parser`."""
        python, self._python = self._python, None
        node, self._node = self._node, None
        if python:
            return (_crash("python", python),)
        # The errors of other languages look the same; node's have a stack.
        return (_crash("node", node),) if node and node.message else NOTHING

    def _inside(self, line: Line) -> Sequence[Failure]:
        self._lines += 1
        if self._python:
            return self._of_python(self._python, line)
        assert self._node is not None
        return self._of_node(self._node, line)

    def _of_python(self, block: Block, line: Line) -> Sequence[Failure]:
        if found := _PYTHON.match(line.text):
            if len(block.frames) < _LONGEST:
                block.frame(found[1], found[2], found[3])
                block.quote(line)
            return NOTHING
        if not block.frames and self._lines < _LONGEST:
            return NOTHING
        return self.finish()

    def _of_node(self, block: Block, line: Line) -> Sequence[Failure]:
        text = line.text
        if text.startswith("    at ") and self._lines < _LONGEST:
            if frame := javascript_frame(text):
                block.frame(frame.path, str(frame.line), frame.function)
            block.message = "seen"
            return NOTHING
        if not block.message and text.startswith(_BETWEEN) and self._lines < _LONGEST:
            return NOTHING
        return self.finish()


def _crash(tool: str, block: Block) -> Failure:
    # All of these print the innermost frame first.
    frames = tuple(reversed(block.frames))
    name = frames[-1].path if frames else tool
    message = block.title.removeprefix("Uncaught ")
    return Failure(tool, Kind.CRASH, name, message, error_class(message), frames, tuple(block.quotes), weak=True)
