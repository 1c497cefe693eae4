"""Blocks that show their beginning or end, and all of it when they are opened."""

from abc import abstractmethod
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.reactive import reactive

from tui.conversation.block_view import BlockView


class Foldable(BlockView, can_focus=True):
    """Opens and folds at Enter or a click."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "fold", "Open or fold")]
    folded: reactive[bool] = reactive(True)

    async def on_mount(self) -> None:
        """Draw at once."""
        self.draw()

    async def sync(self) -> None:
        """Show the block as it stands."""
        self.draw()

    def watch_folded(self) -> None:
        """Show more or less."""
        if self.is_mounted:
            self.draw()

    def action_fold(self) -> None:
        """Open or fold."""
        self.folded = not self.folded

    def on_click(self, event: events.Click) -> None:
        """A click opens and folds too."""
        event.stop()
        self.action_fold()

    @abstractmethod
    def draw(self) -> None:
        """Show the block, folded or open."""
