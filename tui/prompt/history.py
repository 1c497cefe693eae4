"""Going back through what was asked before. Pure; the host keeps the lines."""

from collections.abc import Sequence
from dataclasses import dataclass, field

MOST = 2000


@dataclass(slots=True)
class History:
    """Entries from the oldest to the newest; the text that was being written (`draft`) stands behind the newest."""

    entries: list[str] = field(default_factory=list[str])
    _at: int | None = None
    _draft: str = ""

    def load(self, entries: Sequence[str]) -> None:
        """What earlier sessions asked, in front of what this one did: its first requests may be among them already."""
        most = min(len(entries), len(self.entries))
        known = next(n for n in range(most, -1, -1) if [*entries[len(entries) - n :]] == self.entries[:n])
        before = len(self.entries)
        self.entries = [*entries[: len(entries) - known], *self.entries][-MOST:]
        if self._at is not None:
            self._at += len(self.entries) - before

    def add(self, text: str) -> bool:
        """A text was sent; False when it repeats the newest one."""
        self._at, self._draft = None, ""
        if not text.strip() or (self.entries and self.entries[-1] == text):
            return False
        self.entries = [*self.entries, text][-MOST:]
        return True

    def back(self, written: str) -> str | None:
        """The entry before; None at the oldest. `written` is what stands in the editor."""
        at = len(self.entries) if self._at is None else self._at
        if at == 0:
            return None
        if self._at is None:
            self._draft = written
        self._at = at - 1
        return self.entries[self._at]

    def forward(self) -> str | None:
        """The entry behind, and behind the newest the draft; None where nobody went back."""
        if self._at is None:
            return None
        self._at += 1
        if self._at < len(self.entries):
            return self.entries[self._at]
        self._at = None
        return self._draft

    def found(self, words: str) -> list[str]:
        """Entries that hold every word, whatever its case, the newest first, none twice."""
        wanted = words.casefold().split()
        newest_first = dict.fromkeys(reversed(self.entries))
        return [entry for entry in newest_first if all(word in entry.casefold() for word in wanted)]
