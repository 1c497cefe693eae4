"""A diff as lines for the screen: numbers, signs, and colours that say no more than the signs do (pure).

Cards of calls, the page of one block, /diff, the inspector and the card that asks for leave draw a diff here and
nowhere else.
"""

from collections.abc import Iterator, Sequence

from rich.cells import cell_len
from rich.text import Text

from tui.conversation.cutting import cut
from tui.conversation.side_by_side import paired
from tui.model.diff_rows import Row
from tui.model.safe import revealed

LEAST_FOR_COLUMNS = 132
# Below this two columns hold no code, whatever is asked for.
_LEAST_ROOM = 48
_STYLES = {"+": "green", "-": "red", " ": "", "@": "dim"}
_UNENDED = " ⊘ no newline at the end"
_BETWEEN = "│ "


def diff_text(rows: Sequence[Row]) -> Text:
    """One line for each row, however long; words that differ are bold and underlined."""
    width = number_width(rows)
    return Text("\n").join(_gutter(row, width) + _code(row, exact=False) for row in rows)


def diff_lines(rows: Sequence[Row], room: int, columns: bool | None = None, *, exact: bool = False) -> list[Text]:
    """Lines of at most `room` cells; what is too long goes on below, under its own beginning.

    `columns` puts what went beside what came; None does so where there is room and something for both sides. `exact`
    shows tabs as signs: what a person decides on must not look like something else.
    """
    numbers = number_width(rows)
    if in_columns(room, columns) and room >= _LEAST_ROOM and {"+", "-"} <= {row.sign for row in rows}:
        return list(_in_columns(rows, numbers, room, exact=exact))
    return [line for row in rows for line in _lines(row, numbers, room, exact=exact)]


def in_columns(width: int, chosen: bool | None) -> bool:
    """Whether a diff stands in two columns on so many cells: as a person chose, else where most lines are whole."""
    return width >= LEAST_FOR_COLUMNS if chosen is None else chosen


def number_width(rows: Sequence[Row]) -> int:
    """Cells that the largest line number takes."""
    return len(str(max((row.number or 0 for row in rows), default=0)))


def _in_columns(rows: Sequence[Row], numbers: int, room: int, *, exact: bool) -> Iterator[Text]:
    left_room = (room - len(_BETWEEN)) // 2
    right_room = room - len(_BETWEEN) - left_room
    for left, right in paired(rows):
        ones = _lines(left, numbers, left_room, exact=exact) if left else []
        twos = _lines(right, numbers, right_room, exact=exact) if right else []
        for number in range(max(len(ones), len(twos))):
            line = ones[number] if number < len(ones) else Text()
            line.append(" " * (left_room - cell_len(line.plain))).append(_BETWEEN, "dim")
            yield line.append_text(twos[number]) if number < len(twos) else line


def _lines(row: Row, numbers: int, room: int, *, exact: bool) -> list[Text]:
    gutter = _gutter(row, numbers)
    blank = " " * cell_len(gutter.plain)
    pieces = cut(_code(row, exact=exact), max(room - len(blank), 2))
    return [(gutter if number == 0 else Text(blank)) + piece for number, piece in enumerate(pieces)]


def _gutter(row: Row, numbers: int) -> Text:
    text = Text(f"{'' if row.number is None else row.number:>{numbers}} ", "dim", end="")
    return Text("", end="").append_text(text).append("  " if row.sign in " @" else f"{row.sign} ", _STYLES[row.sign])


def _code(row: Row, *, exact: bool) -> Text:
    style = _STYLES[row.sign]
    text = Text(end="")
    for piece, differs in row.spans:
        shown = revealed(piece if exact else piece.expandtabs(4))
        text.append(shown, f"bold underline {style}" if differs else style)
    return text.append(_UNENDED, "dim") if row.unended else text
