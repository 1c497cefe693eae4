"""What the person asked."""

from textual.app import ComposeResult
from textual.widgets import Static

from tui.conversation.block_view import BlockView
from tui.model.blocks import UserBlock
from tui.model.safe import plain


class UserView(BlockView):
    """The request, verbatim."""

    def __init__(self, block: UserBlock) -> None:
        super().__init__()
        self.block = block

    def compose(self) -> ComposeResult:
        """One text, never read as markup."""
        yield Static(plain(self.block.text), markup=False)

    async def sync(self) -> None:
        """A request does not change."""
