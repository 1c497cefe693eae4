"""Fuzzy search over the paths of a repository: 50,000 of them without a key press being late.

A path matches when the letters of the query stand in it in order, whatever their case. Ranks, best first: the name
begins with the query, the name holds it, the path holds it, the words of the path begin with its letters
(`tpe` for `tui/prompt/editor.py`), its letters stand in the name, in the path. Within a rank the shortest comes first.
"""

import asyncio
import heapq
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

# Between two pieces of work the event loop gets its turn.
_PIECE = 4000
_WORD_START = re.compile(r"(?:(?<=[/_.\-\s])|\A|(?<=[a-z0-9])(?=[A-Z]))[^/_.\-\s]")
_NO_MATCH = 6


@dataclass(frozen=True, slots=True)
class _Item:
    path: str
    low: str
    name_at: int
    initials: str


class FileIndex:
    """An index over paths. Building it takes about 5 µs a path; do it in a thread."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._items = [_item(path) for path in sorted(set(paths))]

    def __len__(self) -> int:
        return len(self._items)

    async def search(self, query: str, limit: int) -> list[str]:
        """The best matches, at most `limit`; cancelled between pieces when a newer query comes."""
        best: list[tuple[int, int, str]] = []
        for start in range(0, len(self._items), _PIECE):
            best = heapq.nsmallest(limit, [*best, *_ranked(self._items[start : start + _PIECE], query.lower())])
            await asyncio.sleep(0)
        return [path for _, _, path in best]


def _item(path: str) -> _Item:
    return _Item(path, path.lower(), path.rfind("/") + 1, "".join(_WORD_START.findall(path)).lower())


def _ranked(items: Iterable[_Item], query: str) -> Iterator[tuple[int, int, str]]:
    letters = _in_order(query)
    for item in items:
        rank = _rank(item, query, letters)
        if rank < _NO_MATCH:
            yield rank, len(item.path), item.path


def _rank(item: _Item, query: str, letters: re.Pattern[str]) -> int:
    last = item.low.rfind(query)
    if last >= item.name_at:
        return 0 if item.low.startswith(query, item.name_at) else 1
    if last >= 0:
        return 2
    if query in item.initials:
        return 3
    if letters.match(item.low, item.name_at):
        return 4
    return 5 if letters.match(item.low) else _NO_MATCH


def _in_order(query: str) -> re.Pattern[str]:
    """The letters in order; no alternative to try twice, so the time is linear whatever the path."""
    return re.compile("".join(f"[^{re.escape(letter)}]*{re.escape(letter)}" for letter in query), re.DOTALL)
