"""A choice with a risk: it is said, and taken only by a word of its own key."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static


class SureScreen(ModalScreen[bool]):
    """`y` takes the risk; Enter does not, so that a key pressed twice chooses nothing."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "dismiss(True)", "Yes"),
        Binding("n,escape,enter", "dismiss(False)", "No"),
    ]

    def __init__(self, title: str, risk: str) -> None:
        super().__init__()
        self._title, self._risk = title, risk

    def compose(self) -> ComposeResult:
        """Title, risk, keys."""
        with Vertical(classes="card"):
            yield Static(self._title, classes="title", markup=False)
            yield Static(self._risk, classes="sentence", markup=False)
            yield Static("y: yes, do so    n or Escape: no", classes="hint", markup=False)
