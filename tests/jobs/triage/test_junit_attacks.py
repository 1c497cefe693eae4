"""JUnit XML that means harm: refused or read in bounded memory, never followed."""

import io
import tracemalloc
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.triage.failures import Failure
from jobs.triage.intake import read_failures
from jobs.triage.junit import ReportError, read_report

LAUGHS = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
REFUSED = {
    "a billion laughs": f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a0 "ha">{LAUGHS}]><testsuite>&a9;</testsuite>',
    "quadratic blow-up": f'<!DOCTYPE x [<!ENTITY a "{"a" * 50_000}">]><testsuite>{"&a;" * 5_000}</testsuite>',
    "a file of the machine": '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><testsuite>&f;</testsuite>',
    "a request": '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd"><testsuite/>',
    "a parameter entity": '<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:9/p"> %p;]><testsuite/>',
    "an entity that nobody declared": "<testsuite>&nobody;</testsuite>",
    "depth": "<testsuite>" * 100_000,
    "a tag without end": '<testsuite><testcase name="' + "a" * 8_000_000,
    "a comment without end": "<testsuite><!--" + "a" * 8_000_000,
    "an encoding that is none": '<?xml version="1.0" encoding="utf-7"?><testsuite>+ADw-</testsuite>',
    "two roots": "<testsuite/><testsuite/>",
    "a cut": '<testsuite><testcase name="a"><failure>',
    "a zero byte": "<testsuite>\0</testsuite>",
}


def read(data: bytes) -> list[Failure]:
    return list(read_failures(io.BytesIO(data), "junit.xml"))


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    with pytest.raises(ReportError, match=r"junit\.xml|refused"):
        read(REFUSED[name].encode())


def test_utf_16_is_read_and_its_doctype_refused() -> None:
    case = '<testcase name="a"><failure message="m"/></testcase>'
    report = '<?xml version="1.0" encoding="utf-16"?>{0}<testsuite>' + case + "</testsuite>"
    stream = io.BytesIO(report.format("").encode("utf-16"))
    assert [failure.name for failure in read_report(stream, "junit.xml")] == ["a"]
    with pytest.raises(ReportError, match="document type"):
        list(read_report(io.BytesIO(report.format("<!DOCTYPE x>").encode("utf-16")), "junit.xml"))


class Endless(io.RawIOBase):
    """A report of many failures, each with a long message and a long text, made while it is read."""

    def __init__(self, cases: int) -> None:
        self._parts: Iterator[bytes] = self._made(cases)
        self.size = 0

    @staticmethod
    def _made(cases: int) -> Iterator[bytes]:
        yield b'<?xml version="1.0"?><testsuite>'
        for number in range(cases):
            long = (f"{number} " + "x" * 3_000_000).encode()
            yield b'<testcase name="' + long + b'"><failure message="' + long + b'">' + long + b"</failure></testcase>"
        yield b"</testsuite>"

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        del size
        part = next(self._parts, b"")
        self.size += len(part)
        return part


def test_long_names_messages_and_texts_are_cut() -> None:
    stream = Endless(30)
    tracemalloc.start()
    try:
        found = list(read_report(stream, "junit.xml"))  # pyright: ignore[reportArgumentType]  # all that is used of a stream is read
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert stream.size > 250_000_000
    assert len(found) == 30
    assert all(len(failure.name) <= 1000 and len(failure.message) <= 8192 for failure in found)
    assert peak < 60_000_000


@given(st.binary(max_size=300), st.sampled_from([b"<testsuite>", b'<?xml version="1.0"?>', b"<testsuite><testcase>"]))
def test_any_bytes_are_read_or_refused(data: bytes, head: bytes) -> None:
    try:
        read(head + data)
    except ReportError:
        return
