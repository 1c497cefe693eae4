"""Lines of any length in pieces that fit the screen (pure)."""

from rich.cells import cell_len
from rich.text import Text


def cut(line: Text, width: int) -> list[Text]:
    """A line in pieces of at most so many cells (at least 2), each character in one of them."""
    line = line.copy()
    line.expand_tabs(8)
    if cell_len(line.plain) <= width:
        return [line]
    offsets: list[int] = []
    used = 0
    for number, char in enumerate(line.plain):
        cells = cell_len(char)
        if used + cells > width:
            offsets.append(number)
            used = 0
        used += cells
    return list(line.divide(offsets))
