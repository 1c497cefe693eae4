"""The help screen: the table of commands and keys, narrowed by what is typed."""

from collections.abc import Sequence
from typing import ClassVar

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from tui.commands.command import Command
from tui.commands.rows import grouped
from tui.model.safe import line


class HelpScreen(ModalScreen[None]):
    """Typing narrows, Up, Down and Page keys scroll, Escape closes."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,f1", "dismiss", "Close"),
        Binding("up", "scroll(-1)", "Up", priority=True),
        Binding("down", "scroll(1)", "Down", priority=True),
        Binding("pageup", "scroll(-10)", "Page up", priority=True),
        Binding("pagedown", "scroll(10)", "Page down", priority=True),
    ]

    def __init__(self, commands: Sequence[Command], word: str = "") -> None:
        super().__init__(id="help")
        self._commands = commands
        self._word = word
        self._rows = Static("", markup=False, classes="rows")

    def compose(self) -> ComposeResult:
        """A search line above the rows."""
        with Vertical(classes="card"):
            yield Input(self._word, placeholder="Search commands and keys; Escape closes", select_on_focus=False)
            with VerticalScroll(can_focus=False):
                yield self._rows

    def on_mount(self) -> None:
        """All rows, or those that were asked for."""
        self._draw(self._word)

    def on_input_changed(self, message: Input.Changed) -> None:
        """Narrow."""
        self._draw(message.value)

    def action_scroll(self, lines: int) -> None:
        """Move the rows."""
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)

    def _draw(self, word: str) -> None:
        table = Table.grid(padding=(0, 2))
        table.add_column(overflow="fold")
        table.add_column(overflow="fold")
        found = False
        for group, rows in grouped(self._commands):
            shown = [row for row in rows if row.holds(word)]
            if shown:
                table.add_row(Text(f"{chr(10) if found else ''}{group}", "bold"), Text(""))
                found = True
            for row in shown:
                left = Text(" · ".join(line(part) for part in (row.command, row.key) if part), "cyan")
                table.add_row(left, Text(line(row.help) + (f" ({row.when})" if row.when else "")))
        self._rows.update(table if found else Text("Nothing has this word."))
