"""One block of a sheet: its lines once they are drawn, and a guess of their number until then."""

from dataclasses import dataclass, field

from textual.strip import Strip

from tui.conversation.answer_lines import AnswerLines
from tui.conversation.block_lines import block_lines
from tui.conversation.look import Look
from tui.model.blocks import AnswerBlock, Block, EndBlock, ThoughtBlock, ToolBlock, UserBlock


@dataclass(slots=True)
class Entry:
    """A block with its lines, None while it is not drawn as it stands."""

    block: Block
    height: int
    lines: list[Strip] | None = None
    folded: bool = True
    answer: AnswerLines = field(default_factory=AnswerLines)

    def forget(self, width: int) -> None:
        """Width or colours are others."""
        self.lines, self.answer = None, AnswerLines()
        self.height = guessed_height(self.block, width)

    def drawn(self, look: Look) -> list[Strip]:
        """The block's lines as it stands now."""
        return block_lines(self.block, look, self.answer, folded=self.folded)


def guessed_height(block: Block, width: int) -> int:
    """About how many lines a block will take, cheaply; only the place of the scrollbar depends on it."""
    room = max(width, 1)
    match block:
        case EndBlock("done"):
            return 0
        case ThoughtBlock():
            return 2
        case AnswerBlock(text) | UserBlock(text):
            return text.count("\n") + len(text) // room + 2
        case ToolBlock():
            return 2 + min(block.diff.count("\n"), 17) + (0 if block.diff else min(block.output.count("\n") + 1, 7))
        case _:
            return 2
