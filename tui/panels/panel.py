"""What all panels are: a title, a text that scrolls, a line of keys."""

from abc import abstractmethod
from collections.abc import Callable
from typing import ClassVar, TypeAlias

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.host import HostFailed

# A text for so many columns.
Told: TypeAlias = Callable[[int], Text]


class _Fitted:
    """Told anew for each width that it is drawn in."""

    def __init__(self, told: Told) -> None:
        self._told = told

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield self._told(options.max_width)


class Panel(ModalScreen[None]):
    """Filled by a worker that ends when the panel closes; arrows and page keys scroll."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss", "Close"),
        Binding("r", "again", "Look again"),
    ]

    def __init__(self, title: str, hint: str = "r looks again · Esc closes") -> None:
        super().__init__(classes="panel")
        self._title, self._hint = title, hint
        self._body = Static("One moment …", markup=False)
        self.told: Told | None = None

    def compose(self) -> ComposeResult:
        """Title, text, keys."""
        with Vertical(classes="card"):
            yield Static(self._title, classes="title", markup=False)
            with VerticalScroll():
                yield self._body
            yield Static(self._hint, classes="hint", markup=False)

    def on_mount(self) -> None:
        """Begin."""
        self.query_one(VerticalScroll).focus()
        self.action_again()

    def action_again(self) -> None:
        """Read the figures anew."""
        self.run_worker(self._fill(), exclusive=True, group="panel")

    async def _fill(self) -> None:
        try:
            await self.fill()
        except HostFailed as failed:
            sentence = str(failed)
            self.draw(lambda columns: Text(sentence))

    def draw(self, told: Told) -> None:
        """Replace the text."""
        self.told = told
        self._body.update(_Fitted(told))

    @abstractmethod
    async def fill(self) -> None:
        """Read the figures and draw them. Raises `HostFailed`."""
