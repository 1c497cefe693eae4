"""The rules that hold, and the way to remove them."""

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static

from tui.host import Host
from tui.model.safe import revealed


class RulesScreen(ModalScreen[None]):
    """Delete or d removes the marked rule, Escape closes."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "Close"),
        Binding("delete,d", "remove", "Remove"),
    ]

    def __init__(self, host: Host) -> None:
        super().__init__()
        self._host = host
        self._list = OptionList(markup=False)

    def compose(self) -> ComposeResult:
        """The list with a head."""
        with Vertical(classes="card"):
            yield Static(Text("Rules: deny beats ask beats allow", "bold"))
            yield self._list
            yield Static(
                Text("d removes · Escape closes · the file is permissions.toml beside your config.toml", "dim")
            )

    def on_mount(self) -> None:
        """All rules."""
        self._fill()
        self._list.focus()

    def _fill(self) -> None:
        self._list.clear_options()
        rows = [f"{rule.verb:5} {revealed(rule.line)}  ({scope})" for scope, rule in self._host.rules()]
        self._list.add_options([Text(row) for row in rows] or [Text("There are no rules yet.", "dim")])

    def action_remove(self) -> None:
        """Remove the marked rule."""
        rules, at = self._host.rules(), self._list.highlighted
        if at is None or at >= len(rules):
            return
        self._host.forget(*rules[at])
        self._fill()
        self._list.highlighted = min(at, len(rules) - 2) if len(rules) > 1 else None
