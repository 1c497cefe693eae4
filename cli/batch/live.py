"""The live view of a batch on a terminal: how far, how it ended, where each worker is, what the server does."""

import asyncio
import sys
import time
from collections import deque
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TextIO

from cli.batch.table import ENDS, BatchView, WorkerLine, drawn
from jobs.batch.progress import Happened, Progress
from serving.view import Look, ServerView

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult

# However many events come, drawn at most this often; without any, not at all.
_LEAST_S = 0.2
_LOOK_S = 3.0
_LAST = 3


@dataclass(slots=True)
class _At:
    """A worker: its place in the table, and when instance and step began."""

    slot: int
    instance_at: float
    step_at: float


@dataclass(slots=True)
class LiveView:
    """What is shown; `heard` and `seen` change it and set `changed`, rich draws it."""

    clock: Callable[[], float] = time.monotonic
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    progress: Progress | None = None
    look: Look | None = None
    last: deque[str] = field(default_factory=lambda: deque[str](maxlen=_LAST))
    _at: dict[str, _At] = field(default_factory=dict[str, _At])

    def heard(self, progress: Progress, event: Happened) -> None:
        """Something happened."""
        self.progress = progress
        now = self.clock()
        if event.status is None:
            taken = {it.slot for it in self._at.values()}
            free = next(slot for slot in range(1, len(taken) + 2) if slot not in taken)
            self._at.setdefault(event.name, _At(free, now, now)).step_at = now
        else:
            self._at.pop(event.name, None)
            why = f": {event.status.detail}" if event.status.exit_status in ("infra", "crashed", "failed") else ""
            self.last.append(f"{event.name} {event.status.exit_status} after {event.status.steps} steps{why}")
        self.changed.set()

    def seen(self, look: Look) -> None:
        """The server was looked at."""
        self.look = look
        self.changed.set()

    def view(self) -> BatchView:
        """What there is to show now."""
        progress, now = self.progress, self.clock()
        if progress is None:
            return BatchView(0, 0, {}, 0.0, None, (), self.look, ())
        workers = [
            WorkerLine(it.slot, name, progress.at.get(name, 0), now - it.step_at, now - it.instance_at)
            for name, it in sorted(self._at.items(), key=lambda pair: pair[1].slot)
        ]
        ends = {name: progress.done[name] for name in ENDS}
        done, passed_s, left_s = progress.done.total(), progress.passed_s(), progress.left_s()
        return BatchView(done, progress.total, ends, passed_s, left_s, workers, self.look, tuple(self.last))

    def __rich_console__(self, console: "Console", options: "ConsoleOptions") -> "RenderResult":
        """Drawn for the size that the terminal has at this moment; the last line is left to the cursor."""
        from rich.text import Text

        lines = drawn(self.view(), options.max_width, console.height - 1, ascii_only=options.ascii_only)
        yield Text("\n").join(lines)


@asynccontextmanager
async def live(view: ServerView, out: TextIO | None = None) -> AsyncGenerator[LiveView]:
    """Draw until the context ends; what it shows last stays. NO_COLOR is heeded."""
    from rich.console import Console
    from rich.live import Live

    shown = LiveView()

    async def draw(screen: Live) -> None:
        while True:
            screen.update(shown, refresh=True)
            await asyncio.sleep(_LEAST_S)
            await shown.changed.wait()
            shown.changed.clear()

    async def look() -> None:
        async for seen in view.looks(_LOOK_S):
            shown.seen(seen)

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
            screen.update(shown, refresh=True)
