"""Snapshots of the files in step with the log: after each step that may have changed them, and when somebody else has.

Each snapshot's log entry says whose changes it holds (`by`): the agent's, the user's (whatever no call of the agent has
done), those of a rewind, or unknown ones (of a process that was killed). An undo reads nothing else.
"""

import asyncio
import time
from collections.abc import Collection, Coroutine
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from agent.events import EventSink, Notice
from agent.json_types import as_text
from agent.log import SessionLog
from sandboxes.errors import SandboxError, WorkspaceError

By: TypeAlias = Literal["agent", "user", "rewind", "unknown"]
# Looking for other people's changes between two steps must not be felt; a tree that takes longer is looked at per turn.
MOST_LOOK_S = 0.1
REQUEST = "request"


class Snapshots(Protocol):
    """Where file changes are kept for undo and for the patch; `sandboxes.workspace.Workspace` is one."""

    async def ready(self) -> str:
        """Wait for the snapshot of the start and return its id; nothing may change the files before that."""
        ...

    async def snapshot(self, label: str) -> str:
        """Keep the workspace as it is now; returns the snapshot's id."""
        ...

    async def changes(self, before: str, after: str) -> list[str]:
        """Paths that differ between two snapshots, sorted."""
        ...

    async def restore(
        self, snapshot_id: str, only: Collection[str] | None = None, seen: str | None = None
    ) -> list[str]:
        """Put files back as a snapshot has them: these paths only, and none that changed since `seen`."""
        ...


@dataclass(frozen=True, slots=True)
class Look:
    """The files as they are: the snapshot's id, "" where none is taken, and what others changed since the last one."""

    snapshot: str = ""
    paths: tuple[str, ...] = ()


@dataclass(slots=True)
class Snapshotter:
    """Takes snapshots beside the next model call, so that nobody waits for them, and never beside a running tool.

    `shared` says that a person edits the same tree, so that it is looked at between the steps of a turn too.
    """

    snapshots: Snapshots | None
    log: SessionLog
    emit: EventSink
    shared: bool = False
    tasks: asyncio.TaskGroup | None = None
    _pending: asyncio.Task[None] | None = None
    _start: str = ""
    _last: str = ""
    _look_s: float = 0.0

    def __post_init__(self) -> None:
        newest = self.log.last("snapshot")
        self._last = as_text(newest.data.get("id")) if newest else ""

    @property
    def changed(self) -> bool:
        """Whether the files differ from the start; True where no snapshots are taken and nobody can tell."""
        return self.snapshots is None or self._last not in ("", self._start)

    def request(self, step: int, label: str, by: By = "agent") -> None:
        """Take a snapshot soon."""
        if self.snapshots is not None and self.tasks is not None:
            work: Coroutine[None, None, None] = self._take(self.snapshots, step, label, by)
            self._pending = self.tasks.create_task(work)

    def begin_turn(self) -> None:
        """Keep the files as the session's first request finds them, beside the model's first step."""
        asked = self.log.last("user")
        if asked is None or asked.data.get("before"):
            return
        if not any(entry.data.get("label") == REQUEST for entry in self.log.entries("snapshot", after=asked.id)):
            self.request(asked.step, REQUEST, "user")

    async def settle(self) -> None:
        """Wait until no snapshot is under way, the one of the start included."""
        if self.snapshots is not None:
            self._start = await self.snapshots.ready()
        if self._pending is not None:
            await asyncio.shield(self._pending)
            self._pending = None

    async def arrived(self) -> None:
        """Wait for the snapshot that is under way, however it ends; the turn that asked for it still settles it."""
        if self._pending is not None:
            await asyncio.wait({self._pending})

    async def look(self, step: int) -> Look:
        """Before a request: the files as they are now, and what is not as the model last knew it.

        A session's first request waits for nothing: its snapshot is taken beside the model's first step.
        """
        if self.snapshots is None or not self._last:
            return Look()
        try:
            now = await self.taken(step, "unknown" if cut_off(self.log) else "user", "before a request")
            known = known_to_model(self.log)
            return Look(now, tuple(await self.snapshots.changes(known, now)) if known else ())
        except WorkspaceError as error:
            self.emit(Notice(f"Whether files were changed meanwhile is not known: {error}"))
            return Look()

    async def take_up(self, step: int) -> None:
        """Before a turn goes on: what changed since it was cut off must not count as the agent's."""
        if self.snapshots is not None and self._last:
            await self.taken(step, "unknown" if cut_off(self.log) else "user", "taken up")

    async def look_between(self, step: int) -> Look:
        """Between an answer and its calls: what others changed in a shared tree while the model spoke."""
        if self.snapshots is None or not self.shared or not self._last or self._look_s > MOST_LOOK_S:
            return Look()
        before = self._last
        try:
            now = await self.taken(step, "user", "meanwhile")
            return Look(now, tuple(await self.snapshots.changes(before, now)))
        except WorkspaceError as error:
            self.emit(Notice(f"Whether files were changed meanwhile is not known: {error}"))
            return Look()

    async def taken(self, step: int, by: By, label: str) -> str:
        """Take a snapshot now and log it if anything changed; raises `WorkspaceError`."""
        assert self.snapshots is not None, "callers ask only where snapshots are taken"
        began = time.monotonic()
        taken = await self.snapshots.snapshot(label)
        self._look_s = time.monotonic() - began
        if taken != self._last or label == REQUEST:
            self._last = taken
            self.log.append("snapshot", step, {"id": taken, "label": label, "by": by})
        return taken

    async def _take(self, snapshots: Snapshots, step: int, label: str, by: By) -> None:
        try:
            await self.taken(step, by, label)
        except WorkspaceError as error:
            self.emit(Notice(f"No snapshot of this step: {error}"))

    async def close_turn(self, step: int) -> None:
        """What a turn that was cut off has done; nothing when the sandbox is gone."""
        if self.snapshots is None:
            return
        try:
            await self.taken(step, "agent", "cut off")
        except SandboxError as error:
            self.emit(Notice(f"No snapshot of where the turn was cut off: {error}"))


def known_to_model(log: SessionLog) -> str:
    """The snapshot that the standing conversation knows of: of the agent's own last change, or told since."""
    found = ""
    for entry in log.standing("snapshot", "user", "result"):
        if entry.kind == "snapshot":
            if as_text(entry.data.get("by")) in ("", "agent") or entry.data.get("label") == REQUEST:
                found = as_text(entry.data.get("id"))
        else:
            found = as_text(entry.data.get("seen")) or found
    return found


def cut_off(log: SessionLog) -> bool:
    """Whether the last turn has no end: its process was killed, and nobody knows whose the newest changes are."""
    newest = log.last("mode", "end")
    return newest is not None and newest.kind == "mode"
