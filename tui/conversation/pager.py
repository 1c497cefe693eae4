"""A page for one block, or for /diff: all of its lines, with search, however many there are."""

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from tui.conversation.diff_page import DiffPage
from tui.conversation.page_view import PageView
from tui.model.safe import line


class Pager(ModalScreen[None]):
    """Arrows and page keys scroll, / searches, n and N go on to the next and the one before, Escape or q closes."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Close", priority=True),
        Binding("q,o", "dismiss", "Close"),
        Binding("slash", "search", "Search"),
        Binding("n", "next(1)", "Next"),
        Binding("N", "next(-1)", "Before"),
        Binding("j", "scroll(1)", "Down"),
        Binding("k", "scroll(-1)", "Up"),
        Binding("space", "scroll(20)", "Page down"),
        Binding("b", "scroll(-20)", "Page up"),
        Binding("g", "edge(0)", "Begin"),
        Binding("G", "edge(1)", "End"),
        Binding("d", "columns", "Diff in two columns"),
    ]

    def __init__(self, title: str, page: PageView, *, id: str = "pager") -> None:
        super().__init__(id=id)
        self._title = title
        self._page = page
        self._input = Input(placeholder="Search; Enter finds, Escape goes back")
        self._told = Static("", markup=False, classes="told")

    def compose(self) -> ComposeResult:
        """Title, lines, keys or the search line."""
        with Vertical(classes="card"):
            yield Static(Text(line(self._title), "bold", no_wrap=True, overflow="ellipsis"))
            yield self._page
            yield self._input
            yield self._told

    def on_mount(self) -> None:
        """Keys go to the lines."""
        self._input.display = False
        self._page.focus()
        self._tell("")

    def on_input_submitted(self, message: Input.Submitted) -> None:
        """Find it from here on."""
        message.stop()
        self._page.look_for(message.value)
        self._close_search()
        self.action_next(0)

    def action_search(self) -> None:
        """Open the search line."""
        self._input.display = True
        self._input.focus()

    def action_next(self, by: int) -> None:
        """The next place, the one before, or with 0 the nearest from here."""
        self._tell(self._page.go_to_found(by))

    def action_scroll(self, lines: int) -> None:
        """Move the lines."""
        self._page.scroll_relative(y=lines, animate=False)

    def action_edge(self, end: int) -> None:
        """To the beginning or the end."""
        self._page.scroll_to(y=self._page.max_scroll_y if end else 0, animate=False)

    def action_columns(self) -> None:
        """A diff in two columns or in one."""
        if isinstance(self._page, DiffPage):
            self._page.turn()

    def action_back(self) -> None:
        """Close the search line, or the page."""
        if self._input.display:
            self._close_search()
        else:
            self.dismiss()

    def _close_search(self) -> None:
        self._input.display = False
        self._page.focus()

    def _tell(self, found: str) -> None:
        columns = "d two columns or one · " if isinstance(self._page, DiffPage) else ""
        keys = f"/ searches · n, N next and before · g, G ends · {columns}Escape closes"
        self._told.update(f"{found} · {keys}" if found else keys)
