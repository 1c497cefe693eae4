"""The prompt: a text area in which Enter sends and Ctrl+J or Shift+Enter begins a new line."""

from dataclasses import dataclass

from textual import events
from textual.message import Message
from textual.widgets import TextArea

_NEW_LINE_KEYS = ("ctrl+j", "shift+enter", "alt+enter")


class PromptEditor(TextArea):
    """Grows with its text up to a third of the screen."""

    @dataclass
    class Sent(Message):
        """The person pressed Enter on a text."""

        text: str

    def __init__(self) -> None:
        super().__init__(soft_wrap=True, show_line_numbers=False, placeholder="Ask, or describe a change", id="prompt")

    async def _on_key(self, event: events.Key) -> None:
        if event.key == "enter":
            event.prevent_default()
            event.stop()
            self._send()
        elif event.key in _NEW_LINE_KEYS:
            event.prevent_default()
            event.stop()
            self.insert("\n")
        else:
            await super()._on_key(event)

    def _send(self) -> None:
        text = self.text.strip()
        if text:
            self.clear()
            self.post_message(self.Sent(text))
