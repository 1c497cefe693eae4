"""/stats: what the last turn and the session came to."""

from functools import partial

from tui.host import Host
from tui.panels.panel import Panel
from tui.panels.stats_text import stats_text


class StatsPanel(Panel):
    """Read off the session's log."""

    def __init__(self, host: Host) -> None:
        super().__init__("What it came to")
        self._host = host

    async def fill(self) -> None:
        """Read, then draw."""
        self.draw(partial(stats_text, *await self._host.figures.stats()))
