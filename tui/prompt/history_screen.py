"""Search in the history of requests: typing narrows, Enter puts the marked one into the editor."""

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from tui.prompt.completion import Choice
from tui.prompt.history import History
from tui.prompt.popup import Popup

_WIDEST = 400


class HistoryScreen(ModalScreen[None]):
    """Ctrl+R and Down go to older ones, Up to newer ones, Escape closes."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "Close"),
        Binding("down,ctrl+r", "move(1)", "Older", priority=True),
        Binding("up,ctrl+s", "move(-1)", "Newer", priority=True),
    ]

    def __init__(self, history: History, choose: Callable[[str], None]) -> None:
        super().__init__(id="history")
        self._history = history
        self._choose = choose
        self._popup = Popup()
        self._count = Static("", markup=False, classes="count")

    def compose(self) -> ComposeResult:
        """A search line above the requests."""
        with Vertical(classes="card"):
            yield Input(placeholder="Search earlier requests; Enter takes one, Escape closes")
            yield self._popup
            yield self._count

    def on_mount(self) -> None:
        """All of them, the newest first."""
        self._draw("")

    def on_input_changed(self, message: Input.Changed) -> None:
        """Narrow."""
        self._draw(message.value)

    def on_input_submitted(self) -> None:
        """Take the marked one."""
        choice = self._popup.chosen
        self.dismiss()
        if choice is not None:
            self._choose(choice.text)

    def action_move(self, by: int) -> None:
        """Mark another one."""
        self._popup.move(by)

    def _draw(self, words: str) -> None:
        found = self._history.found(words)
        self._popup.offer([Choice(text[:_WIDEST], "", text) for text in found])
        self._count.update(f"{len(found):,} of {len(self._history.entries):,}" if found else "Nothing has these words.")
