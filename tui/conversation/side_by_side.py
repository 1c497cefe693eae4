"""A diff in two columns: what went on the left, what came on the right."""

from collections.abc import Iterator, Sequence
from itertools import zip_longest

from rich.table import Table
from rich.text import Text

from tui.conversation.diff_text import number_width, row_text
from tui.model.diff_rows import Row


def paired(rows: Sequence[Row]) -> Iterator[tuple[Row | None, Row | None]]:
    """Rows beside each other: unchanged ones twice, removed ones beside added ones in their order. Pure."""
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


def side_by_side(rows: Sequence[Row]) -> Table:
    """Both columns take half of the width; long lines go on below."""
    table = Table.grid(padding=(0, 1), expand=True)
    table.add_column(ratio=1, overflow="fold")
    table.add_column(ratio=1, overflow="fold")
    width = number_width(rows)
    for left, right in paired(rows):
        table.add_row(*(Text() if row is None else row_text(row, width) for row in (left, right)))
    return table
