"""/diff: the files that changed, and the unified diff below them."""

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.model.safe import line
from tui.past.diff_lines import styled
from tui.past.host import Diff


class DiffScreen(ModalScreen[None]):
    """Arrows and page keys scroll, Escape or q closes."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q", "dismiss", "Close")]

    def __init__(self, title: str, diff: Diff) -> None:
        super().__init__(id="diff")
        self._title = title
        self._diff = diff

    def compose(self) -> ComposeResult:
        """Title, files, diff; one scroll for all."""
        with Vertical(classes="card"):
            yield Static(Text(f"{line(self._title)} · Esc closes", "bold"))
            with VerticalScroll():
                yield Static(self._files())
                yield Static(Text("\n").join(styled(self._diff.patch)))

    def on_mount(self) -> None:
        """Keys scroll."""
        self.query_one(VerticalScroll).focus()

    def _files(self) -> Text:
        text = Text()
        for file in self._diff.files:
            text.append(f"  {line(file.path)}  ")
            text.append(f"+{file.added} ", "green").append(f"-{file.removed}", "red")
            text.append("  yours\n" if file.users else "\n", "dim")
        return text
