"""The card for a question of the model: an option by its number or with the arrows, or words of one's own."""

import time
from collections.abc import Callable
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from agent.approvals import Answer, Approval
from agent.events import QuestionAsked
from tui.approval.card import GRACE_S
from tui.model.safe import revealed


class QuestionCard(ModalScreen[Answer]):
    """Enter sends what is written, else the marked option. Escape ends the turn."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "stop", "Stop", priority=True),
        Binding("up", "move(-1)", "Up", priority=True),
        Binding("down", "move(1)", "Down", priority=True),
    ]

    def __init__(self, asked: QuestionAsked, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._asked = asked
        self._clock = clock
        self._came = clock()
        self._at = 0
        self._rows = Static("", markup=False)
        self._input = Input(placeholder="Your own words" if asked.options else "Your answer")

    def compose(self) -> ComposeResult:
        """Question, options, a line to write."""
        with Vertical(classes="card"):
            yield Static(Text(revealed(self._asked.question), "bold"), classes="title")
            with VerticalScroll(classes="body", can_focus=False):
                yield self._rows
            yield self._input
            yield Static(Text(self._how(), "dim"), classes="keys")

    def on_mount(self) -> None:
        """The first option is marked."""
        self._came = self._clock()
        self.query_one(VerticalScroll).display = bool(self._asked.options)
        self._draw()
        self._input.focus()

    def _how(self) -> str:
        if not self._asked.options:
            return "Enter sends, empty leaves it to the model; Escape stops"
        return "A number or the arrows choose, Enter sends; Escape stops"

    def on_input_changed(self, message: Input.Changed) -> None:
        """A number marks its option."""
        if (number := self._number(message.value)) is not None:
            self._at = number
        self._draw()

    def _number(self, text: str) -> int | None:
        """The place of the option that is meant by its number."""
        said = text.strip()
        if said.isascii() and said.isdigit() and 1 <= int(said[:9]) <= len(self._asked.options):
            return int(said) - 1
        return None

    @property
    def _ready(self) -> bool:
        return self._clock() - self._came >= GRACE_S

    def on_input_submitted(self, message: Input.Submitted) -> None:
        """What is written, or what is marked."""
        message.stop()
        if not self._ready:
            return
        written = message.value.strip()
        options = self._asked.options
        if options and (not written or self._number(written) is not None):
            written = options[self._at]
        self.dismiss(written)

    def action_move(self, lines: int) -> None:
        """Mark another option."""
        if self._asked.options:
            self._at = (self._at + lines) % len(self._asked.options)
            self._draw()

    def action_stop(self) -> None:
        """No answer, and the turn ends."""
        self.dismiss(Approval(allow=False, stop=True))

    def _draw(self) -> None:
        text = Text()
        for number, option in enumerate(self._asked.options):
            marked = number == self._at
            text.append(f"{'>' if marked else ' '} {number + 1}. {revealed(option)}\n", "bold" if marked else "")
        text.rstrip()
        self._rows.update(text)
