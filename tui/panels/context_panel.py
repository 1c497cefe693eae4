"""/context: what fills the model's context."""

from functools import partial

from tui.host import Host
from tui.panels.context_text import context_text
from tui.panels.panel import Panel


class ContextPanel(Panel):
    """Counted when it opens; a long conversation takes the tokenizer a moment."""

    def __init__(self, host: Host) -> None:
        super().__init__("What fills the model's context")
        self._host = host

    async def fill(self) -> None:
        """Count, then draw."""
        self.draw(partial(context_text, await self._host.figures.context()))
