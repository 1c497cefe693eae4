"""A list to pick from, narrowed by what is typed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from tui.model.safe import line

_MOST_SHOWN = 300


@dataclass(frozen=True, slots=True)
class PickerRow:
    """`key` is what picking it gives. `side` stands left of the text, `detail` below it; `also` is only searched."""

    key: str
    side: str
    text: str
    detail: str = ""
    also: str = ""

    def holds(self, words: Sequence[str]) -> bool:
        """Whether each word stands somewhere in it."""
        whole = f"{self.key} {self.side} {self.text} {self.detail} {self.also}".casefold()
        return all(word in whole for word in words)


class PickerScreen(ModalScreen[None]):
    """Typing narrows, Up and Down move, Enter picks, Escape closes."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Close"),
        Binding("up", "move(-1)", "Up", priority=True),
        Binding("down", "move(1)", "Down", priority=True),
        Binding("pageup", "move(-8)", "Page up", priority=True),
        Binding("pagedown", "move(8)", "Page down", priority=True),
    ]

    def __init__(
        self,
        title: str,
        rows: Sequence[PickerRow],
        picked: Callable[[str], None],
        left: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(id="picker")
        self._title = title
        self._rows = rows
        self._picked = picked
        self._left = left

    def compose(self) -> ComposeResult:
        """A search line above the rows."""
        with Vertical(classes="card"):
            yield Static(Text(line(self._title), "bold"))
            yield Input(placeholder="Search; Enter picks, Escape closes")
            yield OptionList()
            yield Static(id="picker-count", markup=False)

    def on_mount(self) -> None:
        """All rows."""
        self.query_one(OptionList).can_focus = False
        self.query_one(Input).focus()
        self._draw("")

    def on_input_changed(self, message: Input.Changed) -> None:
        """Narrow."""
        self._draw(message.value)

    def on_input_submitted(self) -> None:
        """Pick the marked row."""
        options = self.query_one(OptionList)
        if options.highlighted is not None:
            self._pick(options.get_option_at_index(options.highlighted))

    def on_option_list_option_selected(self, message: OptionList.OptionSelected) -> None:
        """A click."""
        self._pick(message.option)

    def action_move(self, rows: int) -> None:
        """Mark another row."""
        options = self.query_one(OptionList)
        if options.option_count:
            options.highlighted = min(max((options.highlighted or 0) + rows, 0), options.option_count - 1)

    def action_leave(self) -> None:
        """Close without picking."""
        self.dismiss()
        self._left()

    def _pick(self, option: Option) -> None:
        self.dismiss()
        self._picked(option.id or "")

    def _draw(self, typed: str) -> None:
        options = self.query_one(OptionList)
        found = [row for row in self._rows if row.holds(typed.casefold().split())]
        side = max((len(row.side) for row in self._rows), default=0)
        options.clear_options()
        options.add_options(Option(_drawn(row, side), row.key) for row in found[:_MOST_SHOWN])
        options.highlighted = 0 if found else None
        shown = f"{len(found)} of {len(self._rows)}" if found else "Nothing has these words."
        more = f", the first {_MOST_SHOWN} shown" if len(found) > _MOST_SHOWN else ""
        self.query_one("#picker-count", Static).update(f"{shown}{more}")


def _drawn(row: PickerRow, side: int) -> Table:
    table = Table.grid(padding=(0, 2), expand=True)
    table.add_column(width=side, no_wrap=True)
    table.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
    table.add_row(Text(row.side, "dim"), Text(line(row.text)))
    if row.detail:
        table.add_row(Text(""), Text(line(row.detail), "dim"))
    return table
