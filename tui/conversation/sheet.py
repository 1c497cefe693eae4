"""All blocks below each other as lines. Only what is looked at is drawn; the height of the rest is guessed."""

from bisect import bisect_right
from collections.abc import Iterable
from typing import TYPE_CHECKING

from textual.strip import Strip

from tui.conversation.look import Look

if TYPE_CHECKING:
    from tui.conversation.entries import Entry
    from tui.model.blocks import Block


class Sheet:
    """Entries with the line that each begins at. A change at the end costs the same however much stands above it."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self._places: dict[int, int] = {}
        self._tops: list[int] = [0]

    @property
    def height(self) -> int:
        """Lines of all entries."""
        self._count_to(len(self.entries))
        return self._tops[len(self.entries)]

    def add(self, blocks: "Iterable[Block]", width: int) -> None:
        """Put new blocks below the others."""
        # An empty sheet is painted first; how blocks are drawn is loaded when there is one.
        from tui.conversation.entries import Entry, guessed_height

        for block in blocks:
            self._places[id(block)] = len(self.entries)
            self.entries.append(Entry(block, guessed_height(block, width)))

    def changed(self, block: "Block") -> None:
        """A block is not as it was drawn."""
        place = self._places.get(id(block))
        if place is not None:
            self.entries[place].lines = None

    def forget(self, width: int) -> None:
        """Width or colours are others."""
        for entry in self.entries:
            entry.forget(width)
        self._tops = [0]

    def top(self, place: int) -> int:
        """The line that an entry begins at."""
        self._count_to(place)
        return self._tops[place]

    def at(self, y: int) -> int:
        """The entry that has this line: the first one above all, the last one below all. -1 where there is none."""
        self._count_to(len(self.entries))
        # Entries without lines begin where the next one does: the last of them is found, which has lines.
        return min(max(bisect_right(self._tops, y) - 1, 0), len(self.entries) - 1)

    def draw(self, place: int, look: Look) -> int:
        """Draw an entry if it must be; how many lines it grew by."""
        entry = self.entries[place]
        if entry.lines is not None:
            return 0
        entry.lines = entry.drawn(look)
        grown = len(entry.lines) - entry.height
        if grown:
            entry.height = len(entry.lines)
            del self._tops[place + 1 :]
        return grown

    def line(self, y: int) -> tuple[int, Strip | None]:
        """The entry at a line and the line itself, None where nothing is drawn."""
        place = self.at(y)
        if place < 0:
            return -1, None
        lines = self.entries[place].lines or []
        row = y - self.top(place)
        return place, lines[row] if 0 <= row < len(lines) else None

    def _count_to(self, place: int) -> None:
        for number in range(len(self._tops) - 1, place):
            self._tops.append(self._tops[number] + self.entries[number].height)
