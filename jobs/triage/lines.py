"""Logs of any size as clean lines: no timestamps, no prefixes of runners, no ANSI, in bounded memory."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

LONGEST = 8192
"""Bytes of a line that are kept; the rest is skipped, and the line says so."""
WIDEST = 2000
"""Characters of a line that parsers see, after timestamps and colours: what decides stands at its beginning."""
_ANSI = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[PX^_][^\x1b]*(?:\x1b\\)?|[@-Z\\-_]|[ -/]+[0-~])"
)
_CSI = re.compile(r"\x9b[0-?]*[ -/]*[@-~]")
_ISO = r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?"
_TIME = re.compile(rf"^\ufeff?(?:(?:{_ISO}|\[{_ISO}\]|\[\d\d:\d\d:\d\d\])(?: \d\d[OE]\+?)? ?|\d\d:\d\d:\d\d  )")
_JOB = re.compile(rf"^[^\t]{{1,120}}\t[^\t]{{1,200}}\t(?=\ufeff?{_ISO})")
_GO_EVENT = re.compile(
    r'^\{"Time":"[^"]*","Action":"output",(?:"\w+":"[^"]*",){0,3}"Output":"((?:[^"\\]|\\.)*?)(?:\\n)?"\}$'
)
_SECTION = re.compile(r"^section_(?:start|end):\d+:[\w.-]+(?:\[[^\]]*\])?")
# BuildKit's plain progress, and the containers of a compose project.
_STEP = re.compile(r"^#\d{1,4} \d{1,6}\.\d{1,3} |^[a-z][\w.-]{0,60}-\d{1,3} {1,40}\| ")
_GROUP = re.compile(r"^##\[(?:group|endgroup|command|section)\]|^::(?:group|endgroup)::")


@dataclass(frozen=True, slots=True)
class Line:
    """A line without its end; `number` counts from 1 in the input."""

    number: int
    text: str


def read_lines(stream: BinaryIO) -> Iterator[Line]:
    """The lines of a log, bytes that are no UTF-8 replaced. Holds one line of at most `LONGEST` bytes at a time."""
    number = 0
    while raw := stream.readline(LONGEST):
        number += 1
        cut = 0
        if not raw.endswith(b"\n") and len(raw) == LONGEST:
            while rest := stream.readline(LONGEST):
                cut += len(rest)
                if rest.endswith(b"\n"):
                    break
        text = clean(raw.decode("utf-8", "replace"))
        if cut:
            text = _cut(text[:WIDEST], f"{cut + len(text[WIDEST:].encode('utf-8', 'replace')):,} bytes")
        elif len(text) > WIDEST:
            text = _cut(text[:WIDEST], f"{len(text) - WIDEST:,} characters")
        yield Line(number, text)


def _cut(text: str, rest: str) -> str:
    # The last word may be the first half of a secret, which nothing would know any more.
    kept = text[: max(text.rfind(" "), text.rfind("\t"), 0)]
    return f"{kept} [… {rest} more on this line]"


def clean(text: str) -> str:
    """One line as the tool printed it."""
    text = text.rstrip("\r\n")
    if "\t" in text and (job := _JOB.match(text)):
        text = text[job.end() :]
    if text[:1] in "0123456789[\ufeff" and (time := _TIME.match(text)):
        text = text[time.end() :]
    text = without_ansi(text)
    if "\r" in text:
        # A terminal would show what was written last.
        text = next((part for part in reversed(text.split("\r")) if part.strip()), "")
    if text.startswith("section_"):
        text = _SECTION.sub("", text)
    if (text[:1] == "#" or "-" in text[:62]) and (step := _STEP.match(text)):
        text = text[step.end() :]
    if text.startswith('{"') and (event := _GO_EVENT.match(text)):
        # go test -json: each line of the output in an event of its own.
        text = event[1].replace('\\"', '"').replace("\\t", "\t").replace("\\u003e", ">").replace("\\u003c", "<")
    if text.startswith(("##[", "::")):
        text = _GROUP.sub("", text)
    return text


def without_ansi(text: str) -> str:
    """Without the sequences that colour, move, title or link on a terminal."""
    if "\x1b" in text:
        text = _ANSI.sub("", text)
    return _CSI.sub("", text) if "\x9b" in text else text
