"""Blocks of one or two plain lines: notices, questions, ends of turns."""

from textual.app import ComposeResult
from textual.widgets import Static

from tui.conversation.block_view import BlockView
from tui.model.blocks import EndBlock, NoticeBlock, QuestionBlock
from tui.model.safe import plain


class LineView(BlockView):
    """A sentence; its class (`notice`, `fault`, `question`, `end`, `done` …) gives it its colour."""

    def __init__(self, block: NoticeBlock | QuestionBlock | EndBlock) -> None:
        super().__init__()
        self.block = block
        self._line = Static("", markup=False)

    def compose(self) -> ComposeResult:
        """One text, never read as markup."""
        text, classes = _told(self.block)
        self.set_classes(classes)
        self._line.update(plain(text))
        yield self._line

    async def sync(self) -> None:
        """A repeated notice counts up."""
        self._line.update(plain(_told(self.block)[0]))


def _told(block: NoticeBlock | QuestionBlock | EndBlock) -> tuple[str, str]:
    match block:
        case NoticeBlock(text, kind, times):
            again = f"  ×{times}" if times > 1 else ""
            return f"{'!' if kind == 'fault' else 'i'} {text}{again}", kind
        case QuestionBlock(_, question, options):
            numbered = [f"  {number}. {option}" for number, option in enumerate(options, 1)]
            return "\n".join([f"? {question}", *numbered]), "question"
        case EndBlock("done"):
            return "", "end done"
        case EndBlock(status, summary):
            return f"{status}: {summary}" if summary else status, f"end {status}"
