"""A diff as text for the screen: line numbers, signs, and colours that say no more than the signs do."""

from collections.abc import Sequence

from rich.text import Text

from tui.model.diff_rows import Row
from tui.model.safe import revealed

_STYLES = {"+": "green", "-": "red", " ": "", "@": "dim"}


def diff_text(rows: Sequence[Row]) -> Text:
    """One line for each row; words that differ are bold and underlined."""
    width = number_width(rows)
    return Text("\n").join(row_text(row, width) for row in rows)


def number_width(rows: Sequence[Row]) -> int:
    """Cells that the largest line number takes."""
    return len(str(max((row.number or 0 for row in rows), default=0)))


def row_text(row: Row, width: int) -> Text:
    """One row behind its number."""
    text = Text(f"{'' if row.number is None else row.number:>{width}} ", style="")
    text.stylize("dim")
    style = _STYLES[row.sign]
    text.append("  " if row.sign in " @" else f"{row.sign} ", style=style)
    for piece, differs in row.spans:
        text.append(revealed(piece.expandtabs(4)), style=f"bold underline {style}" if differs else style)
    return text
