"""A text to read, with a command in it perhaps; any key that leaves goes back."""

from collections.abc import Awaitable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.host import HostFailed
from tui.model.safe import plain


class ReadingScreen(ModalScreen[None]):
    """Shows what `text` gives, when it is there."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,enter", "dismiss", "Back")]

    def __init__(self, title: str, text: Awaitable[str], hint: str = "") -> None:
        super().__init__()
        self._title, self._text, self._hint = title, text, hint

    def compose(self) -> ComposeResult:
        """Title, text, hint."""
        with Vertical(classes="card"):
            yield Static(self._title, classes="title", markup=False)
            with VerticalScroll():
                yield Static("One moment …", id="text", markup=False)
            yield Static(f"{self._hint}{' · ' if self._hint else ''}Escape back", classes="hint", markup=False)

    def on_mount(self) -> None:
        """Begin."""
        self.run_worker(self._show())

    async def _show(self) -> None:
        try:
            said = await self._text
        except HostFailed as failed:
            said = str(failed)
        self.query_one("#text", Static).update(plain(said))
