"""What the nodes of the graph work with. LangGraph hands it to each node as the run's context."""

import asyncio
import time
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Protocol

from agent.cache_meter import CacheMeter
from agent.client import ModelClient
from agent.events import EventSink, FaultHandled, Notice
from agent.failures import Counter
from agent.log import SessionLog
from agent.settings import Settings
from agent.steering import Steering
from agent.thinking import Policy
from agent.toolset import Toolset
from agent.transcript import Transcript
from sandboxes.errors import WorkspaceError


class Snapshots(Protocol):
    """Where file changes are kept for undo and for the patch; `sandboxes.workspace.Workspace` is one."""

    async def ready(self) -> str:
        """Wait for the snapshot of the start and return its id; nothing may change the files before that."""
        ...

    async def snapshot(self, label: str) -> str:
        """Keep the workspace as it is now; returns the snapshot's id."""
        ...


@dataclass(slots=True)
class Snapshotter:
    """Takes snapshots beside the next model call, so that nobody waits for them, and never beside a running tool."""

    snapshots: Snapshots | None
    log: SessionLog
    emit: EventSink
    tasks: asyncio.TaskGroup | None = None
    _pending: asyncio.Task[None] | None = None
    _start: str = ""
    _last: str = ""

    @property
    def changed(self) -> bool:
        """Whether the files differ from the start; True where no snapshots are taken and nobody can tell."""
        return self.snapshots is None or self._last not in ("", self._start)

    def request(self, step: int, label: str) -> None:
        """Take a snapshot soon."""
        if self.snapshots is not None and self.tasks is not None:
            work: Coroutine[None, None, None] = self._take(self.snapshots, step, label)
            self._pending = self.tasks.create_task(work)

    async def settle(self) -> None:
        """Wait until no snapshot is under way, the one of the start included."""
        if self.snapshots is not None:
            self._start = await self.snapshots.ready()
        if self._pending is not None:
            await asyncio.shield(self._pending)
            self._pending = None

    async def _take(self, snapshots: Snapshots, step: int, label: str) -> None:
        try:
            taken = await snapshots.snapshot(label)
        except WorkspaceError as error:
            self.emit(Notice(f"No snapshot of this step: {error}"))
            return
        if taken != self._last:
            self._last = taken
            self.log.append("snapshot", step, {"id": taken, "label": label})


@dataclass(slots=True)
class Clock:
    """Seconds that a turn has used, across interruptions: `spent_s` from the checkpoint plus this run's own."""

    started: float = field(default_factory=time.monotonic)
    carried_s: float = 0.0

    def spent_s(self) -> float:
        """Seconds since the turn began, pauses between runs left out."""
        return self.carried_s + time.monotonic() - self.started


@dataclass(slots=True)
class Context:
    """The server's context in tokens, 0 when unknown: as it said at the start, or as a refusal has taught since."""

    tokens: int


@dataclass(frozen=True, slots=True)
class Engine:
    """Everything that a session's graph needs. `policy` is the thinking policy that a resume was given, if any."""

    settings: Settings
    log: SessionLog
    transcript: Transcript
    client: ModelClient
    toolset: Toolset
    snapshotter: Snapshotter
    emit: EventSink
    clock: Clock
    context: Context
    steering: Steering
    policy: Policy | None = None
    cache_meter: CacheMeter = field(default_factory=CacheMeter)

    def survived(self, step: int, counter: Counter, what: str, action: str) -> None:
        """Count a failure in the log, and tell the fronts what happened and what is done about it."""
        self.log.append("failure", step, {"counter": counter, "what": what, "action": action})
        self.emit(FaultHandled(what, action, counter))
