"""The workspace: a source's files in a sandbox, snapshots of them on the host, and the patch between two of these.

    plan(source) ──► remember_bound() ──► sandbox.start() ──► open_workspace() ──► snapshot / patch / restore
                                                 close() ──► sandbox.close() ──► disarm()

Nothing that a sandbox can write is ever a work tree or a configuration of the host's git; see `sandboxes.tree.shadow`.
This is the only module that imports GitPython, and of it only the object database: plain file reads, no process.
"""

import asyncio
import os
import re
from collections.abc import Awaitable, Callable, Collection, Iterable
from pathlib import Path
from typing import Protocol, cast

from sandboxes.errors import WorkspaceError
from sandboxes.protocol import Sandbox
from sandboxes.tree.apply import ApplyOutcome, apply_patch
from sandboxes.tree.bound import disarm, remember_bound
from sandboxes.tree.opening import open_bind, open_copy, open_image
from sandboxes.tree.patching import FILE_BYTES, PATCH_BYTES, Sieve
from sandboxes.tree.restoring import put_entries
from sandboxes.tree.shadow import EMPTY_TREE, LIVE_REF, Committed, ShadowStore
from sandboxes.tree.sources import HostSource, ImageSource, Source, WorkspacePlan, plan
from sandboxes.tree.state import StoreState, load_state, prepare_store
from sandboxes.tree.tracker import Note, Tracker

__all__ = [
    "ApplyOutcome",
    "HostSource",
    "ImageSource",
    "Source",
    "Workspace",
    "WorkspacePlan",
    "apply_patch",
    "open_workspace",
    "plan",
    "remember_bound",
    "reopen_workspace",
]

_SNAPSHOT_ID = re.compile(r"[0-9a-f]{40}")


def _silent(note: str) -> None:
    """Notes are kept in `Workspace.notes` anyway."""


class Workspace:
    """Made by `open_workspace` or `reopen_workspace`. All methods may run concurrently; one is served at a time."""

    def __init__(self, sandbox: Sandbox, store: ShadowStore, on_note: Note, *, state: StoreState | None = None) -> None:
        self._notes: list[str] = []
        self._on_note = on_note
        self._sandbox = sandbox
        self._store = store
        self._lock = asyncio.Lock()
        self._base = state.base if state else None
        self._start: asyncio.Task[Committed] | None = None
        self.tracker = Tracker(sandbox, store, self.note)

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences for the user: what was left out, cut or skipped so far."""
        return tuple(self._notes)

    @property
    def store(self) -> ShadowStore:
        """Where the snapshots are."""
        return self._store

    @property
    def base(self) -> str:
        """Snapshot id of the start; raises `WorkspaceError` before `ready` has returned."""
        if self._base is None:
            raise WorkspaceError("The first snapshot is still being taken; wait for it with ready() before using base.")
        return self._base

    async def ready(self) -> str:
        """Wait for the snapshot of the start and return its id.

        A copy's start is what was uploaded, whatever happens meanwhile; a bound tree and an image's are read in place.
        """
        if self._base is None:
            assert self._start, "a workspace is made by open_workspace"
            self._base = (await asyncio.shield(self._start)).commit
        return self._base

    async def snapshot(self, label: str) -> str:
        """Record the files as they are; the id of the last snapshot again when nothing that counts has changed."""
        await self.ready()
        async with self._lock:
            return (await self.tracker.take(label)).commit

    async def changed_paths(self, since: str | None = None) -> list[str]:
        """Paths that differ between a snapshot (the start's, unless named) and now, sorted."""
        now = await self.snapshot("changed paths")
        return sorted(entry.path for entry in await self._store.difference(_checked(since or self.base), now))

    async def paths(self) -> list[str]:
        """All paths of the last snapshot, sorted: what counts of the tree, ignored files left out."""
        await self.ready()
        return sorted(self.tracker.known)

    async def changes(self, before: str, after: str) -> list[str]:
        """Paths that differ between two snapshots, sorted."""
        if before == after:
            return []
        return sorted(entry.path for entry in await self._store.difference(_checked(before), _checked(after)))

    async def patch(self, since: str | None = None, until: str | None = None) -> bytes:
        """What changed between a snapshot (the start's, unless named) and another (now), as `git apply` takes it.

        A file that takes more than 32 MiB in it, and the largest of all beyond 64 MiB, are left out and noted.
        """
        now = _checked(until) if until else await self.snapshot("patch")
        sieve = Sieve()
        await self._store.patch(_checked(since or self.base), now, sieve)
        patch, left_out = sieve.finish()
        for file in left_out:
            self.note(
                f"{file.path} is left out of the patch, where it would take {file.size} bytes: a file may take "
                f"{FILE_BYTES // 1024**2} MiB and all {PATCH_BYTES // 1024**2} MiB. Do not count on it being applied; "
                "the whole patch is given by `qwright sessions export` with the format `patch`."
            )
        return patch

    async def restore(
        self, snapshot_id: str, only: Collection[str] | None = None, seen: str | None = None
    ) -> list[str]:
        """Put the files back as a snapshot has them, newer ones deleted; returns the paths changed.

        With `only`, no other paths are touched; with `seen`, none that has changed since that snapshot. What
        stood there is recorded first, so that a restore can be undone. Ignored files are left alone.
        Raises `WorkspaceError` for an unknown id.
        """
        await self.ready()
        target = await self._store.resolve(_checked(snapshot_id))
        if target is None:
            raise WorkspaceError(f"There is no snapshot {snapshot_id} in {self._store.directory}.")
        async with self._lock:
            before = await self.tracker.take("before a restore")
            entries = await self._store.difference(before.commit, target.commit)
            fresh = await self.changes(seen, before.commit) if seen else []
            entries = [it for it in entries if (only is None or it.path in only) and it.path not in fresh]
            await put_entries(self._sandbox, self._store, entries, self._read_objects, self.tracker.owner)
            await self.tracker.take("restored")
        return sorted(entry.path for entry in entries)

    async def close(self) -> None:
        """End what is under way; the sandbox is closed after this, and then `disarm` follows."""
        if self._start and not self._start.done():
            self._start.cancel()
        if self._start:
            await asyncio.gather(self._start, return_exceptions=True)
        await self.tracker.close()

    async def disarm(self, *, ended: bool = True) -> None:
        """Set aside the repositories that the sandbox made in a bound tree, when the sandbox is gone.

        `ended` is False when it may still run: what it makes from now on is then left to the next session.
        """
        for note in await asyncio.to_thread(disarm, self._store.directory, ended=ended):
            self.note(note)

    def begin(self, finish: Callable[[], Awaitable[Committed]]) -> None:
        """Take the first snapshot in the background."""

        async def first() -> Committed:
            return await finish()

        self._start = asyncio.create_task(first())

    def note(self, sentence: str) -> None:
        """Tell the user once."""
        if sentence not in self._notes:
            self._notes.append(sentence)
            self._on_note(sentence)

    async def refill(self, kind: str, base: str) -> None:
        """Bring a fresh sandbox to the last snapshot."""
        start = base
        if kind == "copy":
            start = EMPTY_TREE
            archive = self._store.directory / "git.tar"
            if archive.is_file():
                await self._sandbox.upload(archive, self._sandbox.workdir)
        entries = await self._store.difference(start, self.tracker.head.commit)
        await put_entries(self._sandbox, self._store, entries, self._read_objects, self.tracker.owner)

    def _read_objects(self, ids: Iterable[str]) -> list[bytes]:
        return read_objects(self._store, ids)


def read_objects(store: ShadowStore, ids: Iterable[str]) -> list[bytes]:
    """Contents of files of the store by object id; blocking, no git process."""
    os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")  # importing must not look for a git to run
    from git.db import GitDB

    database = cast("_ObjectDatabase", GitDB(str(store.git_dir / "objects")))
    return [database.stream(bytes.fromhex(oid)).read() for oid in ids]


class _Content(Protocol):
    def read(self) -> bytes: ...


class _ObjectDatabase(Protocol):
    """The one method of GitPython's database that is used here; the library gives it no types."""

    def stream(self, sha: bytes) -> _Content: ...


def _checked(snapshot_id: str) -> str:
    if not _SNAPSHOT_ID.fullmatch(snapshot_id):
        raise WorkspaceError(f"{snapshot_id!r} is no snapshot id; ids have 40 hexadecimal digits.")
    return snapshot_id


async def open_workspace(
    source: Source, sandbox: Sandbox, store: Path, *, on_note: Note = _silent, overlap: bool = False
) -> Workspace:
    """Bring a source's files into a started sandbox; `store` is a directory for this workspace alone.

    Returns when the files are in place and safe to change. The snapshot of a copy's start may still be under way; with
    `overlap` that holds for the other sources too, and the caller awaits `Workspace.ready` before the first command.
    Raises `WorkspaceError`, and whatever the sandbox raises.
    """
    await asyncio.to_thread(prepare_store, store)
    workspace = Workspace(sandbox, ShadowStore(store), on_note)
    match source:
        case ImageSource():
            opened = await open_image(source, sandbox, workspace.tracker)
        case HostSource(mode="copy"):
            opened = await open_copy(source, sandbox, workspace.tracker)
        case HostSource():
            opened = await open_bind(source, workspace.tracker)
    for note in opened.notes:
        workspace.note(note)
    workspace.begin(opened.finish)
    in_place = isinstance(source, ImageSource) or source.mode == "bind"
    if in_place and not overlap:
        try:
            await workspace.ready()
        except BaseException:
            await workspace.close()
            raise
    return workspace


async def reopen_workspace(sandbox: Sandbox, store: Path, *, refill: bool, on_note: Note = _silent) -> Workspace:
    """Take a workspace up again from its store, after a crash or in a new sandbox.

    With `refill` the sandbox is fresh and is given the files of the last snapshot (a bound tree needs nothing);
    without, it still has them. Raises `WorkspaceError` when the store was never completed.
    """
    state, outside = await asyncio.to_thread(load_state, store)
    shadow = ShadowStore(store)
    shadow.unlock()
    live = await shadow.resolve(LIVE_REF)
    if live is None:
        raise WorkspaceError(f"The store {store} has lost its last snapshot; start the session anew.")
    workspace = Workspace(sandbox, shadow, on_note, state=state)
    tracker = workspace.tracker
    tracker.head, tracker.outside = live, outside
    await tracker.learn_owner()
    tracker.known = {entry.path for entry in await shadow.entries(live.commit)}
    tracker.counted = tracker.known | {entry.path for entry in await shadow.entries(state.base)}
    if refill and state.kind != "bind":
        await workspace.refill(state.kind, state.base)
    await tracker.resync()
    return workspace
