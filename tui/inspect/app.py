"""`qwright batch inspect`: the instances of a batch, and each of them step by step."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import DataTable, Footer, Input, Static

from tui.inspect.host import InspectHost, InstanceLine
from tui.inspect.instance_screen import InstanceScreen
from tui.model.safe import line
from tui.safe_app import SafeApp

_COLOURS = {
    "resolved": "green",
    "unresolved": "red",
    "error": "red",
    "infra": "yellow",
    "crashed": "red",
    "running": "cyan",
}
_COLUMNS = ("instance", "outcome", "end", "steps", "thinking", "tokens", "seconds", "why")


class InspectApp(SafeApp[None]):
    """Enter opens an instance, / narrows by words, o by outcome, s sorts, g reads the folder anew."""

    CSS_PATH = "../app.tcss"
    TITLE = "qwright batch inspect"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q", "quit", "Quit"),
        Binding("o", "outcome", "Outcome"),
        Binding("slash", "search", "Search"),
        Binding("s", "sort", "Sort"),
        Binding("g", "read", "Read anew"),
        Binding("escape", "clear", "All", show=False),
    ]

    def __init__(self, host: InspectHost) -> None:
        super().__init__()
        self._host = host
        self._lines: Sequence[InstanceLine] = ()
        self._shown: list[InstanceLine] = []
        self._outcome = ""
        self._words = ""
        self._sorted = 0
        self._table = DataTable[Text](id="inspect-table", cursor_type="row", zebra_stripes=True)

    def compose(self) -> ComposeResult:
        """Title, search, table."""
        yield Static(id="inspect-title")
        yield Input(placeholder="Words of a name, end or reason; Enter goes to the list", id="inspect-search")
        yield self._table
        yield Footer()

    def on_mount(self) -> None:
        """All instances."""
        for column in _COLUMNS:
            self._table.add_column(column, key=column)
        self.query_one(Input).display = False
        self.action_read()
        self._table.focus()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The keys of the list are the list's alone."""
        return action not in ("outcome", "search", "sort", "read", "clear") or len(self.screen_stack) == 1

    def on_data_table_row_selected(self, message: DataTable.RowSelected) -> None:
        """Open an instance."""
        names = [it.name for it in self._shown]
        self.push_screen(InstanceScreen(self._host, names, names[message.cursor_row]))

    def on_input_changed(self, message: Input.Changed) -> None:
        """Narrow."""
        self._words = message.value
        self._draw()

    def on_input_submitted(self) -> None:
        """To the list."""
        self._table.focus()

    def action_read(self) -> None:
        """Read the folder anew: a batch may be running."""
        self._lines = self._host.instances()
        self._draw()

    def action_search(self) -> None:
        """Show the search line."""
        search = self.query_one(Input)
        search.display = True
        search.focus()

    def action_clear(self) -> None:
        """Show all again."""
        search = self.query_one(Input)
        search.value, search.display = "", False
        self._words = self._outcome = ""
        self._draw()
        self._table.focus()

    def action_outcome(self) -> None:
        """The next outcome alone, then all again."""
        names = ["", *dict.fromkeys(it.outcome for it in self._lines)]
        at = names.index(self._outcome) if self._outcome in names else 0
        self._outcome = names[(at + 1) % len(names)]
        self._draw()

    def action_sort(self) -> None:
        """By the next column: name, steps, tokens, seconds."""
        self._sorted = (self._sorted + 1) % len(_ORDERS)
        self._draw()

    def _draw(self) -> None:
        words = self._words.casefold().split()
        fits = [it for it in self._lines if not self._outcome or it.outcome == self._outcome]
        name, key = _ORDERS[self._sorted]
        self._shown = sorted((it for it in fits if _holds(it, words)), key=key)
        self._table.clear()
        for it in self._shown:
            self._table.add_row(*_cells(it))
        counts = Counter(it.outcome for it in self._lines)
        told = ", ".join(f"{count} {outcome}" for outcome, count in counts.items())
        only = f"  only {self._outcome}" if self._outcome else ""
        head = f"{line(self._host.title())}  {told}{only}  by {name}  {len(self._shown)} shown"
        self.query_one("#inspect-title", Static).update(Text(head, "bold", no_wrap=True, overflow="ellipsis"))


_ORDERS: tuple[tuple[str, Callable[[InstanceLine], str | float]], ...] = (
    ("name", lambda it: it.name),
    ("steps", lambda it: -it.steps),
    ("tokens", lambda it: -it.completion_tokens),
    ("seconds", lambda it: -it.seconds),
)


def _holds(it: InstanceLine, words: Sequence[str]) -> bool:
    whole = f"{it.name} {it.outcome} {it.end} {it.why}".casefold()
    return all(word in whole for word in words)


def _cells(it: InstanceLine) -> tuple[Text, ...]:
    return (
        Text(line(it.name)),
        Text(line(it.outcome), _COLOURS.get(it.outcome, "")),
        Text(line(it.end)),
        Text(f"{it.steps}", justify="right"),
        Text(f"{it.thinking}", justify="right"),
        Text(f"{it.completion_tokens:,}", justify="right"),
        Text(f"{it.seconds:,.0f}", justify="right"),
        Text(line(it.why)),
    )
