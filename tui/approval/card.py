"""The card for a call that waits for leave. A stray key approves nothing: it takes keys half a second after it came."""

import time
from collections.abc import Callable
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from agent.approvals import Approval
from agent.events import ApprovalAsked
from agent.permissions.modes import Scope
from agent.permissions.rules import rule_of
from tui.approval.always import Always
from tui.approval.call_text import CallText
from tui.approval.keys_line import KeysLine
from tui.approval.words import title
from tui.model.safe import revealed

GRACE_S = 0.5


class ApprovalCard(ModalScreen[Approval]):
    """y, n, a, e, Escape. Whoever was typing when it came types into nothing, and the half second begins anew."""

    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "No, and stop", priority=True),
        Binding("up,k", "scroll(-1)", "Up"),
        Binding("down,j", "scroll(1)", "Down"),
        Binding("pageup", "scroll(-10)", "Page up"),
        Binding("pagedown,space", "scroll(10)", "Page down"),
    ]

    def __init__(self, asked: ApprovalAsked, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._asked = asked
        self._clock = clock
        self._quiet_since = clock()
        self._always = Always(asked.suggestions)
        self._reason = Input(placeholder="Why not, or what instead; Enter sends, Escape goes back")

    def compose(self) -> ComposeResult:
        """Title, reason, the whole call, keys."""
        with Vertical(classes="card"):
            yield Static(Text(title(self._asked), "bold"), classes="title")
            if self._asked.reason:
                yield Static(Text(revealed(self._asked.reason), "dim"), classes="why")
            with VerticalScroll(classes="body", can_focus=False):
                yield CallText(self._asked)
            yield self._always
            yield self._reason
            yield KeysLine(self._keys())

    def on_mount(self) -> None:
        """The half second begins when the card is there to be seen."""
        self._always.display = self._reason.display = False
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        self._quiet_since = self._clock()

    def _keys(self) -> list[tuple[str, str]]:
        keys = [("y", "yes"), ("n", "no"), ("e", "no, with a reason")]
        if self._asked.diff:
            keys.append(("d", "two columns or one"))
        if self._asked.suggestions:
            keys.insert(2, ("a", "always…"))
        return [*keys, ("Esc", "no, and stop")]

    def on_key(self, event: events.Key) -> None:
        """A decision, if the person had time to read."""
        if self._reason.display:
            return
        early = self._clock() - self._quiet_since < GRACE_S
        if event.is_printable and early:
            self._quiet_since = self._clock()
            event.stop()
            return
        if early:
            return
        if self._always.display:
            self._always_key(event)
            return
        match event.key:
            case "y":
                self.dismiss(Approval(allow=True))
            case "n":
                self.dismiss(Approval(allow=False))
            case "e":
                self._show(self._reason)
                self._reason.focus()
            case "d":
                self.query_one(CallText).turn()
            case "a" if self._asked.suggestions:
                self._show(self._always)
            case _:
                return
        event.stop()

    def _always_key(self, event: events.Key) -> None:
        scopes: dict[str, Scope] = {"s": "session", "p": "project"}
        if event.key in scopes:
            lines = self._always.lines
            rules = tuple(rule_of("allow", line) for line in lines)
            self.dismiss(Approval(allow=True, rules=rules, scope=scopes[event.key]))
        else:
            self._always.turn(event.key)
        event.stop()
        event.prevent_default()

    def _show(self, part: Always | Input | None) -> None:
        self._always.display = part is self._always
        self._reason.display = part is self._reason
        self.query_one(".keys").display = part is None

    def on_input_submitted(self, message: Input.Submitted) -> None:
        """No, for this reason."""
        message.stop()
        self.dismiss(Approval(allow=False, reason=message.value))

    def action_back(self) -> None:
        """Leave what was opened in the card; else no, and the turn ends."""
        if self._reason.display or self._always.display:
            self._show(None)
            self.set_focus(None)
        else:
            self.dismiss(Approval(allow=False, stop=True))

    def action_scroll(self, lines: int) -> None:
        """Move the call."""
        if self._always.display:
            self._always.turn("up" if lines < 0 else "down")
        else:
            self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)
