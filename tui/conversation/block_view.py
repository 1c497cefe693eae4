"""What all widgets of the conversation have in common."""

from abc import abstractmethod

from textual.widget import Widget


class BlockView(Widget):
    """A widget for one block, which it keeps. `sync` draws the block as it is now; it is called after every change."""

    @abstractmethod
    async def sync(self) -> None:
        """Show the block's present state."""
