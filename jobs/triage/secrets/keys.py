"""Private keys that are spread over the lines of a log, each of which may be quoted alone."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from jobs.triage.lines import Line

_BEGIN = re.compile(r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_END = re.compile(r"-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_HEADER = re.compile(r"(?:Proc-Type|DEK-Info|Version|Comment|Hash|Charset): ")
_FULL = re.compile(r"(?:\\?[A-Za-z0-9+/]){16,}={0,2}\W{0,8}")
# What stands before it on its line is a time or the mark of a tool.
_LAST = re.compile(r"[\W\dETZ]{0,80}(?<![A-Za-z0-9+/])=?[A-Za-z0-9+/]{1,15}={0,2}\W{0,8}")
# A key of 16,384 bits in lines of 64 characters.
_MOST_LINES = 260
_MOST_WORDS_BEFORE = 4
_REMOVED = "[private key removed]"


def without_keys(lines: Iterable[Line]) -> Iterator[Line]:
    """The lines, those of private keys replaced. A key that nothing ends goes on as long as lines look like one."""
    key = _Key()
    for line in lines:
        yield replace(line, text=_REMOVED) if key.holds(line.text) else line


def rows_without_keys(rows: Iterable[str]) -> list[str]:
    """The same for rows of a text."""
    key = _Key()
    return [_REMOVED if key.holds(row) else row for row in rows]


class _Key:
    """Whether the next line belongs to a key, by what came before it."""

    def __init__(self) -> None:
        self._left = 0

    def holds(self, text: str) -> bool:
        if not self._left:
            begin = _BEGIN.search(text) if "PRIVATE KEY" in text else None
            self._left = _MOST_LINES if begin and not _END.search(text, begin.end()) else 0
            return False
        if _END.search(text):
            self._left = 0
            return True
        words = text.split()
        if not words or _HEADER.search(text):
            self._left -= 1
            return True
        if len(words) <= _MOST_WORDS_BEFORE and _FULL.fullmatch(words[-1]):
            self._left -= 1
            return True
        # A shorter line is the last but the one that ends the key.
        last = self._left > 1 and _LAST.fullmatch(text) is not None
        self._left = 1 if last else 0
        return last
