"""Inputs by their kind: logs, JUnit XML, issue texts. Which one it is, its first bytes say."""

import io
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from jobs.triage.failures import Failure
from jobs.triage.junit import read_report
from jobs.triage.lines import read_lines
from jobs.triage.parsers.all import failures_of
from jobs.triage.revision import Revision
from jobs.triage.secrets.keys import without_keys


@contextmanager
def opened(name: str, standard_input: BinaryIO) -> Generator[BinaryIO, None, None]:
    """A file, or standard input for `-`. Raises `OSError`."""
    if name == "-":
        yield standard_input
        return
    with Path(name).open("rb") as stream:
        yield stream


def read_failures(stream: BinaryIO, name: str, revision: Revision | None = None) -> Iterator[Failure]:
    """The failures of a log or of JUnit XML; a log's lines go by `revision`.

    Raises `jobs.triage.junit.ReportError` for XML that is refused.
    """
    buffered = io.BufferedReader(_Raw(stream))
    head = buffered.peek(512)[:512].lstrip(b"\xef\xbb\xbf \t\r\n")
    if head.startswith((b"<?xml", b"<testsuite", b"<!DOCTYPE")):
        return read_report(buffered, name)
    lines = without_keys(read_lines(buffered))
    return failures_of(revision.watched(lines) if revision else lines)


class _Raw(io.RawIOBase):
    """Any reader of bytes (a pipe, a file, `BytesIO`) as a raw stream, so that its first bytes can be seen twice."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "memoryview[int]") -> int:  # pyright: ignore[reportIncompatibleMethodOverride]  # the buffer that BufferedReader gives is a memoryview
        data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)
