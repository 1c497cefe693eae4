"""The live view of a batch on a terminal: how far, how it ended, where each worker is, what the server does."""

import asyncio
import sys
import time
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TextIO

from cli.printing import printable
from cli.status import elapsed
from jobs.batch.progress import Happened, Progress
from serving.view import Look, ServerView

if TYPE_CHECKING:
    from rich.console import Group, RenderableType

# Redrawn at most this often by events, and once a second for the clocks.
_LEAST_S = 0.2
_TICK_S = 1.0
_LOOK_S = 3.0
_LAST = 3


@dataclass(slots=True)
class LiveView:
    """What is shown; `heard` changes it and sets `changed`, `drawn` gives it to rich."""

    changed: asyncio.Event = field(default_factory=asyncio.Event)
    progress: Progress | None = None
    look: Look | None = None
    since: dict[str, float] = field(default_factory=dict[str, float])
    last: deque[str] = field(default_factory=lambda: deque[str](maxlen=_LAST))

    def heard(self, progress: Progress, event: Happened) -> None:
        """Something happened."""
        self.progress = progress
        self.changed.set()
        if event.what == "instance_started":
            self.since[event.name] = time.monotonic()
        if event.status is not None:
            self.since.pop(event.name, None)
            why = f": {event.status.detail}" if event.status.exit_status in ("infra", "failed") else ""
            self.last.append(f"{event.name} {event.status.exit_status}{why}")

    def drawn(self) -> "Group":
        """The whole view."""
        from rich.console import Group
        from rich.text import Text

        progress = self.progress
        if progress is None:
            return Group(Text("starting"))
        parts: list[RenderableType] = [Text(self._far(progress), "bold", no_wrap=True, overflow="ellipsis")]
        parts.append(Text(load_line(self.look), "dim", no_wrap=True, overflow="ellipsis"))
        for name, step in progress.at.items():
            seconds = elapsed(time.monotonic() - self.since.get(name, time.monotonic()))
            parts.append(Text(printable(f"  {name}  step {step}  {seconds}"), no_wrap=True, overflow="ellipsis"))
        parts += [Text(printable(f"  {line}"), "dim", no_wrap=True, overflow="ellipsis") for line in self.last]
        return Group(*parts)

    def _far(self, progress: Progress) -> str:
        ends = ", ".join(f"{count} {name}" for name, count in sorted(progress.done.items()))
        left = progress.left_s()
        parts = [
            f"{progress.done.total()}/{progress.total} done",
            ends,
            elapsed(progress.passed_s()),
            "" if left is None else f"about {elapsed(left)} left",
        ]
        return "  ".join(part for part in parts if part)


def load_line(look: Look | None) -> str:
    """What the server does, in short."""
    now = look.now if look else None
    if look is None or now is None:
        return "the server tells nothing of its load"
    parts = [f"server: {now.running or 0} running, {now.waiting or 0} waiting"]
    if now.kv_use is not None:
        parts.append(f"KV cache {now.kv_use:.0%}")
    if look.since is not None:
        parts += [f"{look.since.generation_tokens_s:,.0f} tokens/s"] if look.since.generation_tokens_s else []
        parts += [f"{look.since.preemptions} preempted"] if look.since.preemptions else []
    return ", ".join(parts)


@asynccontextmanager
async def live(view: ServerView, out: TextIO | None = None) -> AsyncGenerator[LiveView]:
    """Draw until the context ends; what it shows last stays."""
    from rich.console import Console
    from rich.live import Live

    shown = LiveView()

    async def draw(screen: Live) -> None:
        while True:
            screen.update(shown.drawn(), refresh=True)
            await asyncio.sleep(_LEAST_S)
            try:
                async with asyncio.timeout(_TICK_S):
                    await shown.changed.wait()
            except TimeoutError:
                continue
            finally:
                shown.changed.clear()

    async def look() -> None:
        async for seen in view.looks(_LOOK_S):
            shown.look = seen

    console = Console(file=out or sys.stderr, force_terminal=True, highlight=False, markup=False, emoji=False)
    async with AsyncExitStack() as stack:
        screen = stack.enter_context(Live(console=console, auto_refresh=False, transient=False))
        tasks = await stack.enter_async_context(asyncio.TaskGroup())
        running = [tasks.create_task(draw(screen)), tasks.create_task(look())]
        try:
            yield shown
        finally:
            for task in running:
                task.cancel()
            screen.update(shown.drawn(), refresh=True)
