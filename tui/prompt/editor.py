"""The prompt's text area: Enter sends, Ctrl+J or Shift+Enter begins a line, Up and Down at the edges go elsewhere."""

from dataclasses import dataclass
from typing import ClassVar, Literal, TypeAlias

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import TextArea

from tui.prompt.completion import Wanted, wanted
from tui.prompt.pasted import Pasted
from tui.prompt.pictures import dropped, mention
from tui.prompt.popup import Popup

_NEW_LINE_KEYS = ("ctrl+j", "shift+enter", "alt+enter")
Direction: TypeAlias = Literal[-1, 1]


_PLACEHOLDER = "Ask, or describe a change · F1 help · / commands · @ files · ! shell"


class PromptEditor(TextArea):
    """Grows with its text up to a third of the screen."""

    # Ctrl+Z is for the whole program, as in every other one.
    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+underscore", "undo", "Undo", show=False)]

    @dataclass
    class Sent(Message):
        """The person pressed Enter on a text; what was pasted is in it as a whole."""

        text: str

    @dataclass
    class Turned(Message):
        """Up in the first line, or Down in the last one."""

        direction: Direction

    def __init__(self, popup: Popup) -> None:
        super().__init__(soft_wrap=True, show_line_numbers=False, placeholder=_PLACEHOLDER, id="prompt")
        self._popup = popup
        self.pasted = Pasted()

    @property
    def whole_text(self) -> str:
        """The text with what was pasted."""
        return self.pasted.expand(self.text)

    @property
    def wanted(self) -> Wanted | None:
        """What stands at the cursor and can be completed."""
        row, column = self.cursor_location
        return wanted(self.document.get_line(row)[:column], first_line=row == 0)

    def complete(self, what: Wanted, text: str) -> None:
        """Put a choice in the place of what was typed of it."""
        row, column = self.cursor_location
        self.replace(text, (row, what.start), (row, column))

    def write(self, text: str) -> None:
        """Replace everything; the cursor stands behind it."""
        self.load_text(text)
        self.move_cursor(self.document.end)

    def empty(self) -> None:
        """Begin anew."""
        self.clear()
        self.pasted = Pasted()

    async def _on_key(self, event: events.Key) -> None:
        if self._handled(event.key):
            event.prevent_default()
            event.stop()
        else:
            await super()._on_key(event)

    def _handled(self, key: str) -> bool:
        if self._popup.open and self._handled_by_popup(key):
            return True
        if key == "enter":
            self._send()
        elif key in _NEW_LINE_KEYS:
            self.insert("\n")
        elif key == "up" and self.navigator.is_first_wrapped_line(self.cursor_location):
            self.post_message(self.Turned(-1))
        elif key == "down" and self.navigator.is_last_wrapped_line(self.cursor_location):
            self.post_message(self.Turned(1))
        else:
            return False
        return True

    def _handled_by_popup(self, key: str) -> bool:
        match key:
            case "up" | "down":
                self._popup.move(-1 if key == "up" else 1)
            case "tab":
                self._take_choice()
            case "enter" if not self._is_complete():
                self._take_choice()
            case "escape":
                self._popup.offer(())
            case _:
                return False
        return True

    def _take_choice(self) -> None:
        what = self.wanted
        if what is not None and (choice := self._popup.choice_for(what)) is not None:
            self.complete(what, choice.text)

    def _is_complete(self) -> bool:
        """Whether the marked choice is what was typed already: then Enter sends."""
        what = self.wanted
        choice = self._popup.choice_for(what)
        if choice is None or what is None:
            return True
        row, column = self.cursor_location
        return self.document.get_line(row)[what.start : column] == choice.text.strip()

    async def _on_paste(self, event: events.Paste) -> None:
        event.prevent_default()
        event.stop()
        if picture := dropped(event.text):
            self.insert(f"{mention(picture)} ")
        else:
            self.insert(self.pasted.fold(event.text.replace("\r\n", "\n").replace("\r", "\n")))

    def _send(self) -> None:
        text = self.whole_text.strip()
        if text:
            self.empty()
            self.post_message(self.Sent(text))
