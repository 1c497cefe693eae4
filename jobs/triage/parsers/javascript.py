"""Jest, Vitest and node's own test runner."""

import re
from collections.abc import Sequence

from jobs.triage.failures import Failure, Frame, Kind, error_class
from jobs.triage.lines import Line
from jobs.triage.parsers.base import NOTHING, Block

_JEST = re.compile(r"^\s{1,4}● (.{1,500})$")
_VITEST = re.compile(r"^ ?FAIL  (\S+\.[cm]?[jt]sx?)(?: > (.{1,500}))?$")
_TAP = re.compile(r"^\s*not ok \d+ - (.{1,500})$")
_AT = re.compile(r"^\s+at (?:(.{1,200}?) \()?(?:file://)?([^()\s]+?):(\d{1,9}):(\d{1,9})\)?")
_ARROW = re.compile(r"^ *❯ (?:(.{1,200}?) )?(\S+?\.[cm]?[jt]sx?):(\d{1,9}):(\d{1,9})")
_LOCATION = re.compile(r"^\s+location: '(.+?):(\d{1,9}):(\d{1,9})'")
_STACK = re.compile(r"^\s+\S.* \((?:file://)?(/[^()]+):(\d{1,9}):(\d{1,9})\)$")
_ENDS = ("Test Suites:", "Tests:", "Snapshots:", " Test Files", "⎯⎯⎯⎯⎯⎯⎯ Failed")


class JavaScriptParser:
    """`● suite › test` (Jest), ` FAIL  file > test` (Vitest), `not ok 1 - test` (TAP)."""

    def __init__(self) -> None:
        self._block: Block | None = None
        self._tool = ""

    def feed(self, line: Line) -> Sequence[Failure]:
        """See `Parser`."""
        text = line.text
        if "● " in text and (found := _JEST.match(text)) and "Console" not in found[1]:
            return self._open("jest", found[1], line)
        if text.startswith((" FAIL  ", "FAIL  ")) and (found := _VITEST.match(text)):
            name = f"{found[1]} > {found[2]}" if found[2] else found[1]
            return self._open("vitest", name, line)
        if "not ok " in text and (found := _TAP.match(text)):
            return self._open("node", found[1], line)
        if self._block is None:
            return NOTHING
        if text.startswith(_ENDS) or (self._tool == "node" and text.strip() == "..."):
            return self._close()
        self._inside(self._block, line)
        return NOTHING

    def finish(self) -> Sequence[Failure]:
        """See `Parser`."""
        return self._close()

    def _inside(self, block: Block, line: Line) -> None:
        text = line.text
        if _AT.match(text) or _ARROW.match(text):
            if frame := javascript_frame(text):
                block.frame(frame.path, str(frame.line), frame.function)
                block.quote(line)
        elif (found := _LOCATION.match(text)) or (found := _STACK.match(text)):
            block.frame(found[1], found[2])
        elif text.strip() and not block.message and not text.strip().startswith(("---", "duration_ms", "type:")):
            tap = text.strip().removeprefix("error: ").strip("'")
            if self._tool != "node" or text.strip().startswith(("error:", "Expected")):
                block.message = "" if tap == "|-" else tap
                block.quote(line)

    def _open(self, tool: str, title: str, line: Line) -> Sequence[Failure]:
        done = self._close()
        self._block, self._tool = Block(title, line), tool
        return done

    def _close(self) -> Sequence[Failure]:
        block, self._block = self._block, None
        if block is None or (self._tool == "vitest" and not block.message):
            return NOTHING  # Jest names the file like this before it says which tests failed
        kind = Kind.COLLECTION if "Test suite failed to run" in block.title else Kind.TEST
        frames = tuple(reversed(block.frames))
        return (
            Failure(
                self._tool, kind, block.title, block.message, error_class(block.message), frames, tuple(block.quotes)
            ),
        )


def javascript_frame(text: str) -> Frame | None:
    """A line `at function (file:1:2)` or `❯ function file:1:2` that is not node's or a package's."""
    found = _AT.match(text) or _ARROW.match(text)
    if not found or "node_modules" in found[2] or found[2].startswith("node:"):
        return None
    return Frame(found[2], int(found[3]), found[1] or "")
