"""Work that takes minutes: what it is at, line by line, until it is done, fails, or is stopped."""

import time
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.timer import Timer
from textual.widgets import Static
from textual.worker import Worker, WorkerCancelled, WorkerFailed

from tui.faces.shelter import sheltered
from tui.host import HostFailed
from tui.model.safe import line, plain

_MOST_LINES = 200


class WorkScreen(ModalScreen[bool]):
    """Gives True when the work is done. Escape stops it, and goes back once it has stopped."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "stop", "Stop")]

    def __init__(self, title: str, work: AsyncGenerator[str], *, stops: str) -> None:
        super().__init__()
        self._title, self._work, self._stops = title, work, stops
        self._lines: deque[str] = deque(maxlen=_MOST_LINES)
        self._said = Static("", markup=False)
        self._hint = Static(stops, classes="hint", markup=False)
        self._head = Static(Text(line(title)), classes="title", markup=False)
        self._began = time.monotonic()
        self._timer: Timer | None = None
        self._worker: Worker[None] | None = None

    def compose(self) -> ComposeResult:
        """Title with seconds, lines, hint."""
        with Vertical(classes="card"):
            yield self._head
            with VerticalScroll():
                yield self._said
            yield self._hint

    def on_mount(self) -> None:
        """Begin; the seconds count while it runs."""
        self._began = time.monotonic()
        self._timer = self.set_interval(1, self._count)
        self._worker = self.run_worker(self._run(), exit_on_error=False)

    async def _run(self) -> None:
        try:
            await sheltered(self._tell())
        except HostFailed as failed:
            self._rest(f"✗ {failed}", "Escape back")
        else:
            self.dismiss(True)

    async def _tell(self) -> None:
        async with aclosing(self._work) as lines:
            async for said in lines:
                self._add(said)

    def _add(self, said: str) -> None:
        self._lines.append(plain(said))
        self._said.update("\n".join(self._lines))
        self.query_one(VerticalScroll).scroll_end(animate=False)

    def _rest(self, said: str, hint: str) -> None:
        if self._timer is not None:
            self._timer.stop()
        self._add(f"\n{said}")
        self._hint.update(hint)

    def _count(self) -> None:
        self._head.update(Text(f"{line(self._title)} · {time.monotonic() - self._began:.0f} s"))

    async def action_stop(self) -> None:
        """Stop what runs; what is started in it is ended before the screen goes."""
        if self._worker is not None and not self._worker.is_finished:
            self._hint.update("Stopping …")
            self._worker.cancel()
            self.run_worker(self._leave(self._worker), group="leave", exclusive=False)
        else:
            self.dismiss(False)

    async def _leave(self, worker: Worker[None]) -> None:
        with suppress(WorkerFailed, WorkerCancelled):
            await worker.wait()
        self.dismiss(False)
