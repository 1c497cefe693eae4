"""The model's words, as Markdown that grows without being drawn anew."""

from textual.app import ComposeResult
from textual.widgets import Markdown
from textual.widgets.markdown import MarkdownStream

from tui.conversation.block_view import BlockView
from tui.model.blocks import AnswerBlock
from tui.model.safe import visible


class AnswerView(BlockView):
    """Feeds what is new to Textual's Markdown stream, which lays out only the last paragraph again."""

    def __init__(self, block: AnswerBlock) -> None:
        super().__init__()
        self.block = block
        self._markdown = Markdown(visible(block.text) if block.done else "", open_links=False)
        self._stream: MarkdownStream | None = None
        self._written = len(block.text) if block.done else 0

    def compose(self) -> ComposeResult:
        """The Markdown itself."""
        yield self._markdown

    async def sync(self) -> None:
        """Append what came since."""
        if new := self.block.text[self._written :]:
            self._stream = self._stream or Markdown.get_stream(self._markdown)
            self._written = len(self.block.text)
            await self._stream.write(visible(new))
        if self.block.done and self._stream is not None:
            await self._stream.stop()
            self._stream = None
