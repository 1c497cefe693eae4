"""/server: what the model server does, looked at for as long as the panel is open."""

from contextlib import aclosing
from functools import partial

from tui.host import Host
from tui.panels.panel import Panel
from tui.panels.server_text import server_text

# Often enough to see a queue move; a look costs the server some milliseconds.
INTERVAL_S = 2.0


class ServerPanel(Panel):
    """Nothing is asked of the server before it opens and after it closes."""

    def __init__(self, host: Host) -> None:
        super().__init__("The model server", f"looks again every {INTERVAL_S:.0f} s · r now · Esc closes")
        self._host = host

    async def fill(self) -> None:
        """Draw each look until the panel closes."""
        async with aclosing(self._host.figures.server(INTERVAL_S)) as looks:
            async for now in looks:
                self.draw(partial(server_text, now))
