"""The face of a trouble: what happened, and the ways on by key, arrow or mouse. Gives the chosen way."""

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static

from tui.faces.setup import Found, Setup
from tui.faces.table import FACES, Option, options_for
from tui.host import HostFailed
from tui.model.safe import plain


class TroubleScreen(ModalScreen[Option]):
    """Where another server may help, it looks by itself for those that answer on this machine."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "take('later')", "Later")]

    def __init__(self, failed: HostFailed, setup: Setup) -> None:
        super().__init__()
        self._failed = failed
        self._setup = setup
        self._options: list[Option] = []
        self._list = OptionList(markup=False)
        self._hint = Static("", classes="hint", markup=False)

    def compose(self) -> ComposeResult:
        """Title, sentence, ways."""
        with Vertical(classes="card"):
            yield Static(FACES[self._failed.trouble].title, classes="title", markup=False)
            yield Static(plain(str(self._failed)), classes="sentence", markup=False)
            yield self._list
            yield self._hint

    def on_mount(self) -> None:
        """The ways that are known at once; servers are looked for meanwhile."""
        self._offer(())
        self._list.focus()
        if FACES[self._failed.trouble].looks:
            self._hint.update("Looking for a server on this machine …")
            self.run_worker(self._look(), group="look")

    async def _look(self) -> None:
        found = await self._setup.probe()
        self._hint.update("" if found else "Nothing answers at the usual ports of this machine.")
        if found:
            self._offer(found)

    def _offer(self, found: Sequence[Found]) -> None:
        """Whatever was marked stays marked when found servers come in above it."""
        at = self._list.highlighted
        marked = self._options[at].way if at else None
        self._options = options_for(self._failed, found)
        self._list.clear_options()
        self._list.add_options([_line(option) for option in self._options])
        self._list.highlighted = next((n for n, option in enumerate(self._options) if option.way == marked), 0)

    def on_option_list_option_selected(self, message: OptionList.OptionSelected) -> None:
        """Enter or a click."""
        self.dismiss(self._options[message.option_index])

    def on_key(self, event: events.Key) -> None:
        """A way's own key."""
        for option in self._options:
            if event.key == option.key:
                event.stop()
                self.dismiss(option)
                return

    def action_take(self, way: str) -> None:
        """Take a way that has one option."""
        self.dismiss(next(option for option in self._options if option.way == way))


def _line(option: Option) -> Text:
    key = "Esc" if option.key == "escape" else option.key
    return Text.assemble((key.center(5), "reverse"), " ", plain(option.text))
