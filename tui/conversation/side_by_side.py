"""Which lines of a diff stand beside each other (pure)."""

from collections.abc import Iterator, Sequence
from itertools import zip_longest

from tui.model.diff_rows import Row


def paired(rows: Sequence[Row]) -> Iterator[tuple[Row | None, Row | None]]:
    """Rows in pairs: unchanged ones twice, removed ones beside added ones in their order."""
    removed: list[Row] = []
    added: list[Row] = []
    for row in rows:
        if row.sign == "-" and not added:
            removed.append(row)
        elif row.sign == "+":
            added.append(row)
        else:
            yield from zip_longest(removed, added)
            removed, added = ([row], []) if row.sign == "-" else ([], [])
            if row.sign != "-":
                yield row, row
    yield from zip_longest(removed, added)
