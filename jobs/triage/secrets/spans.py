"""Where something secret stands in a text, and how the text reads without it."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

REMOVED = re.compile(r"\[[A-Za-z][A-Za-z ]{2,30} removed\]")
"""What stands in place of a secret; a text that has it already is left alone, so that twice is once."""


@dataclass(frozen=True, slots=True)
class Span:
    """The characters from `start` up to `end`, and what kind of secret they are."""

    start: int
    end: int
    kind: str


def without(text: str, spans: Iterable[Span], end: int) -> str:
    """The text up to `end` with each span replaced by its kind; spans that overlap become one, of the first one's kind.

    A span that goes beyond `end` is replaced as a whole.
    """
    pieces: list[str] = []
    done = 0
    for span in merged(spans):
        if span.start >= end:
            break
        pieces += [text[done : span.start], f"[{span.kind} removed]"]
        done = span.end
    return "".join([*pieces, text[done : max(done, end)]])


def merged(spans: Iterable[Span]) -> Iterator[Span]:
    """Spans in order, none touching another."""
    last: Span | None = None
    for span in sorted(spans, key=lambda span: (span.start, -span.end)):
        if last is None or span.start >= last.end:
            if last is not None:
                yield last
            last = span
        elif span.end > last.end:
            last = Span(last.start, span.end, last.kind)
    if last is not None:
        yield last


def removed_at(text: str, start: int) -> bool:
    """Whether a secret was taken away here before, in quotes or not."""
    while text[start : start + 1] in ("'", '"', "\\"):
        start += 1
    return REMOVED.match(text, start) is not None
