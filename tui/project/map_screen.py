"""The map on the screen."""

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.model.safe import plain
from tui.project.host import ProjectMap


class MapScreen(ModalScreen[None]):
    """Scrolls by keys, closes with Escape."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q", "dismiss", "Close")]

    def __init__(self, made: ProjectMap) -> None:
        super().__init__(id="map")
        self._made = made

    def compose(self) -> ComposeResult:
        """Head above the map."""
        made = self._made
        size = f"{made.shown:,} of {made.files:,} files · {made.tokens:,} tokens"
        head = f"{size} · /map send gives it to the model · Esc closes"
        with Vertical(classes="card"):
            yield Static(Text(head, "bold"))
            with VerticalScroll():
                yield Static(Text(plain(made.text)))

    def on_mount(self) -> None:
        """Keys scroll at once."""
        self.query_one(VerticalScroll).focus()
