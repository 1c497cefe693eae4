"""Reasoning: live while it comes, one line when it is done."""

from textual.app import ComposeResult
from textual.widgets import Static

from tui.conversation.foldable import Foldable
from tui.conversation.words import thought_title
from tui.model.blocks import ThoughtBlock
from tui.model.safe import plain

# While it streams only the end is on the screen; the whole is a fold away.
_LIVE_CHARACTERS = 600


class ThoughtView(Foldable):
    """Title line and text."""

    def __init__(self, block: ThoughtBlock) -> None:
        super().__init__()
        self.block = block
        self._title = Static("", classes="title", markup=False)
        self._text = Static("", classes="text", markup=False)

    def compose(self) -> ComposeResult:
        """Title above text."""
        yield self._title
        yield self._text

    def draw(self) -> None:
        """Title, and the text while it comes or when it is open."""
        block = self.block
        hidden = self.folded and block.done
        self._title.update(f"{'▸' if hidden else '▾'} {plain(thought_title(block))}")
        self._text.display = not hidden
        if not hidden:
            self._text.update(plain(block.text[-_LIVE_CHARACTERS:].lstrip() if self.folded else block.text))
