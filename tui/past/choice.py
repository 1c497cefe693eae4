"""A card with a question and a few answers; an answer is a command, run as if it had been typed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from tui.model.safe import line


@dataclass(frozen=True, slots=True)
class Answer:
    """A line to choose and the command that it stands for."""

    label: str
    command: str


class ChoiceScreen(ModalScreen[None]):
    """Up, Down and Enter, or the answer's number; Escape does nothing at all."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "Nothing"),
        *(Binding(str(number), f"take({number - 1})", show=False) for number in range(1, 10)),
    ]

    def __init__(self, question: Text, answers: Sequence[Answer], submit: Callable[[str], None]) -> None:
        super().__init__(id="choice")
        self._question = question
        self._answers = answers
        self._submit = submit

    def compose(self) -> ComposeResult:
        """The question above the answers."""
        with Vertical(classes="card"):
            yield Static(self._question)
            yield OptionList(
                *(Option(Text(f"{number}  {line(answer.label)}")) for number, answer in enumerate(self._answers, 1))
            )
            yield Static(Text("Enter chooses · Esc leaves everything as it is", "dim"))

    def on_mount(self) -> None:
        """Keys go to the answers."""
        self.query_one(OptionList).focus()

    def on_option_list_option_selected(self, message: OptionList.OptionSelected) -> None:
        """Enter or a click."""
        self.action_take(message.option_index)

    def action_take(self, number: int) -> None:
        """Run the answer's command."""
        if number < len(self._answers):
            self.dismiss()
            self._submit(self._answers[number].command)
