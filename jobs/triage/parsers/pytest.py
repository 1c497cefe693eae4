"""pytest: the FAILURES and ERRORS sections (long, short and native tracebacks) and the short test summary."""

import re
from collections.abc import Sequence
from dataclasses import replace

from jobs.triage.failures import Failure, Frame, Kind, error_class
from jobs.triage.lines import Line
from jobs.triage.parsers.base import NOTHING, Block

_TITLE = re.compile(r"^_+ (.{1,500}?) _+$")
PLACE = re.compile(r"^(\S[^:\n]{0,400}\.pyx?):(\d{1,9}): ?(?:in (\S.{0,200}))?")
_SUMMARY = re.compile(r"^(FAILED|ERROR|RERUN) (\S+?\.py(?:::.+?)?)(?: - (.*))?$")
_NATIVE = re.compile(r"^(?:[A-Za-z_]\w*\.)*[A-Z]\w*(?:Error|Exception|Failed|Exit|Interrupt|Timeout|Warning)\b(?::|$)")
_HELD = 2000


class PytestParser:
    """Sections hold the details, the summary the full ids; both are brought together by the name of the test."""

    def __init__(self) -> None:
        self._section = ""
        self._block: Block | None = None
        self._held: dict[str, Failure] = {}
        self._e_run = False
        self._captured = False

    @property
    def inside(self) -> bool:
        """Whether the line is within a section that repeats what failed tests printed."""
        return bool(self._section)

    def feed(self, line: Line) -> Sequence[Failure]:
        """See `Parser`."""
        text = line.text
        if text.startswith("==") and text.endswith("="):
            return self._heading(text.strip("= "))
        if not self._section:
            if text.startswith("INTERNALERROR>") and "Error" in text and not text.startswith("INTERNALERROR>  "):
                return (Failure("pytest", Kind.CRASH, "INTERNALERROR", text.partition("> ")[2]),)
            return NOTHING
        if self._section == "short test summary info":
            return self._summary(line)
        if text.startswith("_") and (title := _TITLE.match(text)) and title[1].strip("_ "):
            done = self._close()
            self._block, self._captured = Block(title[1], line), False
            return done
        if text.startswith("---") and " Captured " in text:
            self._captured = True
        if self._block and not self._captured:
            self._inside(self._block, line)
        return NOTHING

    def finish(self) -> Sequence[Failure]:
        """See `Parser`."""
        done = (*self._close(), *self._held.values())
        self._held.clear()
        return done

    def _heading(self, title: str) -> Sequence[Failure]:
        if not title:
            return NOTHING
        if title in ("FAILURES", "ERRORS", "short test summary info"):
            self._section = title
            return self._close()
        if re.match(r"\d+ (?:failed|passed|error|skipped|xfailed|warning|rerun)", title):
            self._section = ""
            return self.finish()
        if title.startswith(("PASSES", "warnings summary", "rerun test summary", "slowest")):
            self._section = title if title.startswith("rerun") else ""
            return self._close()
        return NOTHING

    def _inside(self, block: Block, line: Line) -> None:
        text = line.text
        if text.startswith("E   ") or text == "E":
            if not self._e_run:
                block.message = ""
            self._e_run = True
            block.message = block.message or text[1:].strip()
            block.quote(line)
            return
        self._e_run = False
        if text.startswith("> "):
            block.quote(line)
        elif ".py" in text and (place := PLACE.match(text)):
            block.frame(place[1], place[2], place[3] or "")
            block.quote(line)
        elif block.python_frame(line):
            block.quote(line)
        elif _NATIVE.match(text):
            block.message = text
            block.quote(line)

    def _close(self) -> Sequence[Failure]:
        block, self._block, self._e_run = self._block, None, False
        if block is None:
            return NOTHING
        title = re.sub(r"^ERROR (?:collecting|at setup of|at teardown of) ", "", block.title)
        failure = Failure(
            "pytest",
            Kind.COLLECTION if "ERROR collecting" in block.title else Kind.TEST,
            title if ".py" in title or not block.frames else f"{block.frames[0].path}::{title.replace('.', '::')}",
            block.message,
            error_class(block.message),
            tuple(block.frames),
            tuple(block.quotes),
        )
        if len(self._held) >= _HELD:
            return (failure,)
        self._held[_key(title)] = failure
        return NOTHING

    def _summary(self, line: Line) -> Sequence[Failure]:
        found = _SUMMARY.match(line.text)
        if not found or found[1] == "RERUN":
            return NOTHING
        path, _, inner = found[2].partition("::")
        held = self._held.pop(_key(_title(inner) or path), None)
        if held:
            return (replace(held, name=found[2]),)
        kind = Kind.TEST if inner else Kind.COLLECTION
        message = found[3] or ""
        block = Block(found[2], line)
        return (Failure("pytest", kind, found[2], message, error_class(message), (Frame(path),), tuple(block.quotes)),)


def _title(inner: str) -> str:
    """`Class::test[a::b]` as the sections write it: `Class.test[a::b]`."""
    name, bracket, parameters = inner.partition("[")
    return name.replace("::", ".") + bracket + parameters


def _key(title: str) -> str:
    """Ids differ between section and summary in how parameters are escaped at most; spaces do not count."""
    return title.replace(" ", "")[:300]
