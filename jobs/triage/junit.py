"""JUnit XML as a stream, in bounded memory.

Documents with a DOCTYPE are refused, so that there are no entities to attack with; so are tags and comments that expat
would have to hold whole, and nesting without end.
"""

from collections.abc import Iterator
from typing import BinaryIO
from xml.parsers import expat

from jobs.triage.failures import Failure, Frame, Kind, Quote, error_class
from jobs.triage.lines import LONGEST
from jobs.triage.parsers.base import PYTHON_FRAME
from jobs.triage.secrets.keys import rows_without_keys

_MOST_TEXT = 64 * 1024
_DEEPEST = 64
_CHUNK = 64 * 1024
_LARGEST_TAG = 4 * 1024 * 1024
_LONGEST_NAME = 1000
_FAILED = {"failure": False, "error": False, "flakyFailure": True, "flakyError": True}


class ReportError(ValueError):
    """The report is no JUnit XML, or uses what reports have no need of; the message is a sentence."""


def read_report(stream: BinaryIO, name: str) -> Iterator[Failure]:
    """The failed test cases, each when its element ends. Raises `ReportError`."""
    reader = _Reader()
    try:
        while chunk := stream.read(_CHUNK):
            reader.silent += len(chunk)
            reader.parser.Parse(chunk, False)
            if reader.silent > _LARGEST_TAG:
                raise ReportError(f"{name} has a tag or comment of more than {_LARGEST_TAG // 1024**2} MiB: refused.")
            found, reader.found = reader.found, []
            yield from found
        reader.parser.Parse(b"", True)
    except ReportError:
        raise
    except (expat.ExpatError, ValueError, LookupError) as error:  # the latter two: encodings that expat has not
        raise ReportError(f"{name} is not well-formed XML: {error}.") from error
    yield from reader.found


class _Reader:
    def __init__(self) -> None:
        self.found: list[Failure] = []
        self.parser = expat.ParserCreate()
        self.parser.StartDoctypeDeclHandler = self._refuse
        self.parser.EntityDeclHandler = self._refuse
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters
        self._case: dict[str, str] = {}
        self._outcome = ""
        self._message = ""
        self._type = ""
        self._line = 0
        self._text: list[str] = []
        self._size = 0
        self._depth = 0
        self.silent = 0

    @staticmethod
    def _refuse(*_: object) -> None:
        raise ReportError("The report declares a document type or entities, which JUnit XML has no need of: refused.")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self.silent = 0
        self._depth += 1
        if self._depth > _DEEPEST:
            raise ReportError(f"The report nests elements more than {_DEEPEST} deep: refused.")
        if tag == "testcase":
            self._case = attributes
        elif tag in _FAILED:
            self._outcome, self._line = tag, self.parser.CurrentLineNumber
            self._message = (attributes.get("message") or attributes.get("type", ""))[:_MOST_TEXT]
            self._type = attributes.get("type", "")[:_LONGEST_NAME]
            self._text, self._size = [], 0

    def _characters(self, data: str) -> None:
        self.silent = 0
        if self._outcome and self._size < _MOST_TEXT:
            self._text.append(data[: _MOST_TEXT - self._size])
            self._size += len(data)

    def _end(self, tag: str) -> None:
        self.silent = 0
        self._depth -= 1
        if tag == self._outcome:
            self.found.append(self._failure())
            self._outcome = ""

    def _failure(self) -> Failure:
        text = "".join(self._text)
        case = self._case
        message = self._message.strip() or next((row.strip() for row in text.splitlines() if row.strip()), "")
        lines = rows_without_keys(row[:LONGEST] for row in message.splitlines()[:50]) or [""]
        name = "::".join(part for part in (case.get("classname", ""), case.get("name", "")) if part)[:_LONGEST_NAME]
        kind = Kind.COLLECTION if "collection failure" in message else Kind.TEST
        frames = tuple(_frames(text)) or _own(case)
        quotes = tuple(Quote(self._line, row) for row in (*lines[:1], *_decisive(text)))
        if kind is Kind.COLLECTION:
            lines = [row[1:].strip() for row in text.splitlines() if row.startswith("E  ")] or lines
        again = _FAILED[self._outcome]
        error = error_class(lines[0]) or error_class(self._type)
        return Failure("junit", kind, name, lines[0], error, frames, quotes, passed_again=again)


def _own(case: dict[str, str]) -> tuple[Frame, ...]:
    line = case.get("line", "")
    return (Frame(case["file"], int(line[:9]) if line.isdecimal() else 0),) if case.get("file") else ()


def _decisive(text: str) -> list[str]:
    rows = rows_without_keys(row[:LONGEST] for row in text.splitlines())
    return [row for row in rows if row.startswith(("E  ", "> "))][:6]


def _frames(text: str) -> Iterator[Frame]:
    from jobs.triage.parsers.java import java_frame
    from jobs.triage.parsers.pytest import PLACE

    for row in text.splitlines()[:400]:
        if (found := PYTHON_FRAME.match(row)) or (found := PLACE.match(row)):
            yield Frame(found[1], int(found[2]), found[3] or "")
        elif frame := java_frame(row):
            yield frame
