"""A tool call: what runs, how it goes, and what came of it, folded."""

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.widgets import Static

from tui.conversation.diff_text import diff_text
from tui.conversation.foldable import Foldable
from tui.conversation.words import cut_middle, mark, seconds, subject
from tui.model.blocks import ToolBlock
from tui.model.diff_rows import Row, counts, diff_rows
from tui.model.safe import coloured, plain

_FOLDED_LINES = 6
_FOLDED_DIFF = 16
# Drawing is paid for each line again and again; the log has all of them.
_OPEN_LINES = 2_000


class ToolView(Foldable):
    """Head line, and below it the diff or the last lines of output."""

    def __init__(self, block: ToolBlock) -> None:
        super().__init__()
        self.block = block
        self._head = Static("", classes="head", markup=False)
        self._body = Static("", classes="body", markup=False)
        self._width = 0

    def compose(self) -> ComposeResult:
        """Head above body."""
        yield self._head
        yield self._body

    def draw(self) -> None:
        """Head, and diff or output below it."""
        block = self.block
        self.set_classes(block.state)
        rows = diff_rows(block.diff)
        self._head.update(self._told(counts(rows) if rows else ""))
        shown = self._diff(rows) if rows else self._output()
        self._body.display = bool(shown.plain.strip())
        self._body.update(shown)

    def on_resize(self, event: events.Resize) -> None:
        """The head line is cut to the width."""
        if event.size.width != self._width:
            self._width = event.size.width
            self.draw()

    def _told(self, changed: str) -> str:
        """The head, never wider than a line: what is told at its end is always seen."""
        block = self.block
        end = "".join(f"  {part}" for part in (changed, seconds(block.seconds) if block.seconds else "") if part)
        begin = plain(f"{mark(block)} {block.tool} {subject(block)}")
        room = (self._width or self.screen.size.width - 4) - len(end)
        return cut_middle(begin, max(room, 8)) + end

    def _diff(self, rows: list[Row]) -> Text:
        left = len(rows) - _FOLDED_DIFF
        if not self.folded or left <= 0:
            return diff_text(rows)
        return diff_text(rows[:_FOLDED_DIFF]).append(f"\n… {left:,} more lines", style="dim")

    def _output(self) -> Text:
        lines = self.block.output.rstrip("\n").split("\n")
        most = _FOLDED_LINES if self.folded else _OPEN_LINES
        left = len(lines) - most
        text = Text.from_ansi(coloured("\n".join(lines[-most:])))
        return Text(f"… {left:,} lines above\n", style="dim").append_text(text) if left > 0 else text
