"""The server's metrics as the pulse that the engine's patience feels, and the client that is wired to it."""

from typing import TYPE_CHECKING

from agent.events import EventSink, Waiting
from agent.patience import Pace, Pulse
from agent.settings import Settings
from serving.metrics import Snapshot
from serving.view import ServerView

if TYPE_CHECKING:
    from agent.client import VllmClient


class ViewPulse:
    """Implements `agent.patience.ServerPulse` over a live view."""

    def __init__(self, view: ServerView) -> None:
        self._view = view

    async def feel(self) -> Pulse:
        """See `ServerPulse.feel`. A dead engine leaves its last figures standing in /metrics; only /health tells."""
        now, health = await self._view.snapshot(), await self._view.health()
        if health == "ill":
            return Pulse("ill")
        if now is not None:
            return Pulse("alive", now.running, now.waiting, work_of(now))
        return Pulse("away" if health == "away" else "alive")


def work_of(now: Snapshot) -> tuple[float, ...]:
    """Figures that change when the engine works: a chunk of a prompt that is read shows in the cache's use alone."""
    figures = (
        now.prompt_tokens,
        now.generation_tokens,
        now.cache_queries,
        now.preemptions,
        now.kv_use,
        now.running,
        now.waiting,
    )
    return tuple(float(figure) for figure in figures if figure is not None)


def watched_client(settings: Settings, view: ServerView, emit: EventSink) -> "VllmClient":
    """A client that waits for as long as the server works, and tells the front why."""
    from agent.client import VllmClient

    return VllmClient(
        settings.endpoint,
        settings.patience_s,
        ViewPulse(view),
        lambda sentence: emit(Waiting(sentence)),
        Pace(stall_s=settings.stall_s),
    )
