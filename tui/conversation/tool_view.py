"""A tool call: what runs, how it goes, and what came of it, folded."""

from rich.text import Text
from textual.app import ComposeResult
from textual.widgets import Static

from tui.conversation.foldable import Foldable
from tui.conversation.words import mark, seconds, subject
from tui.model.blocks import ToolBlock

_FOLDED_LINES = 6


class ToolView(Foldable):
    """Head line, and below it the diff or the last lines of output."""

    def __init__(self, block: ToolBlock) -> None:
        super().__init__()
        self.block = block
        self._head = Static("", classes="head", markup=False)
        self._body = Static("", classes="body", markup=False)

    def compose(self) -> ComposeResult:
        """Head above body."""
        yield self._head
        yield self._body

    def draw(self) -> None:
        """Head, and diff or output below it."""
        block = self.block
        self.set_classes(block.state)
        time = f"  {seconds(block.seconds)}" if block.seconds else ""
        self._head.update(f"{mark(block)} {block.tool} {subject(block)}{time}")
        body = block.diff or block.output
        self._body.display = bool(body.strip())
        if body.strip():
            self._body.update(self._shown(body))

    def _shown(self, body: str) -> Text:
        lines = body.rstrip("\n").split("\n")
        left = len(lines) - _FOLDED_LINES
        if self.folded and left > 0:
            lines = lines[:_FOLDED_LINES] if self.block.diff else lines[-_FOLDED_LINES:]
            text = Text.from_ansi("\n".join(lines))
            text.append(f"\n… {left} more lines", style="dim")
            return text
        return Text.from_ansi("\n".join(lines))
