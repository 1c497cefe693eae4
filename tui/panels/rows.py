"""Figures as lines of text: bars, shares, columns that fit. Pure."""

from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size
from rich.text import Text

_EIGHTHS = " ▏▎▍▌▋▊▉"


def bar(share: float, cells: int) -> str:
    """A bar of at most so many cells for a share from 0 to 1; whatever is more than nothing shows."""
    share = min(max(share, 0.0), 1.0)
    eighths = max(round(share * cells * 8), 1 if share and cells else 0)
    return "█" * (eighths // 8) + (_EIGHTHS[eighths % 8] if eighths % 8 else "")


def percent(share: float) -> str:
    """A share as people read it: 0.4 %, 12 %."""
    return f"{share * 100:.1f} %" if 0 < share < 0.0995 else f"{share * 100:.0f} %"


def fitted(text: str, cells: int) -> str:
    """The text in exactly so many cells, … for what is left out."""
    cells = max(cells, 1)
    return set_cell_size(text, cells) if cell_len(text) <= cells else f"{set_cell_size(text, cells - 1)}…"


def table(rows: Sequence[Sequence[str]], columns: int) -> Text:
    """Aligned rows of equal length: the first column to the left, cut where a line is too long, the others right."""
    return sections([("", rows)], columns)


def sections(parts: Sequence[tuple[str, Sequence[Sequence[str]]]], columns: int) -> Text:
    """Tables under their heads with a line between them, all aligned with each other."""
    every = [row for _, rows in parts for row in rows]
    widths = [max(cell_len(row[n]) for row in every) for n in range(len(every[0]))] if every else [0]
    first = max(min(widths[0], columns - sum(widths[1:]) - 2 * len(widths[1:])), 6)
    text = Text()
    for number, (head, rows) in enumerate(parts):
        text.append("\n" if number else "").append(f"{head}\n" if head else "", "bold")
        for row in rows:
            rest = zip(widths[1:], row[1:], strict=True)
            others = (" " * (2 + width - cell_len(cell)) + cell for width, cell in rest)
            text.append(f"{fitted(row[0], first)}{''.join(others)}\n")
    return text


def heading(words: str) -> Text:
    """A head over what follows."""
    return Text().append(f"{words}\n", "bold")
