"""What the panels show: implements `tui.panels.host.Figures` over the open session."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TYPE_CHECKING

from agent.json_types import as_text
from cli.pair.open_pair import OpenPair
from cli.pair.troubles import translated
from cli.server_use import server_use
from serving.view import ServerView
from tui.panels.host import ServerNow

if TYPE_CHECKING:
    from agent.context_use import ContextUse
    from agent.statistics import Statistics


class SessionFigures:
    """Reads the log and asks the server; changes nothing."""

    def __init__(self, host: OpenPair) -> None:
        self._host = host

    async def context(self) -> "ContextUse":
        """See `Figures.context`."""
        return await translated(self._host.session.context_use())

    async def stats(self) -> "tuple[Statistics, Statistics]":
        """See `Figures.stats`."""
        from agent.statistics import last_turn, statistics

        log = self._host.log
        return statistics(log, last_turn(log)), statistics(log)

    async def server(self, interval_s: float) -> AsyncGenerator[ServerNow]:
        """See `Figures.server`."""
        meta = self._host.log.meta()
        base_url = as_text(meta.get("base_url"))
        key = self._host.spec.config.api_key
        async with ServerView(base_url, key) as view, aclosing(view.looks(interval_s)) as looks:
            async for look in looks:
                yield ServerNow(
                    base_url=base_url,
                    model=as_text(meta.get("model")),
                    version=as_text(meta.get("server")),
                    look=look,
                    health="well" if look.now else await view.health(),
                    own=server_use(self._host.log).sentences(),
                )
