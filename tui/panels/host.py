"""What the panels need from outside; a part of `tui.host.Host`."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from serving.view import Health, Look

if TYPE_CHECKING:
    from agent.context_use import ContextUse
    from agent.statistics import Statistics


@dataclass(frozen=True, slots=True)
class ServerNow:
    """One look at the server. `own` says how this session used it; `health` is asked where there are no metrics."""

    base_url: str
    model: str
    version: str
    look: Look
    health: Health = "well"
    own: str = ""


class Figures(Protocol):
    """All methods raise `HostFailed` before the session is open."""

    async def context(self) -> "ContextUse":
        """What fills the model's context."""
        ...

    async def stats(self) -> "tuple[Statistics, Statistics]":
        """What the last turn, and the whole session, came to."""
        ...

    def server(self, interval_s: float) -> AsyncGenerator[ServerNow]:
        """A look at the server now and then one each interval, for as long as the reader goes on."""
        ...
