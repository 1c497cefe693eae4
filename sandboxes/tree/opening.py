"""How each kind of source becomes files in the sandbox and a first snapshot in the store."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from sandboxes.protocol import Sandbox
from sandboxes.tree.bound import remember_if_nobody_did
from sandboxes.tree.copying import TreeArchive, archived_files, left_out_notes, write_tree_archive
from sandboxes.tree.fastimport import decode_path
from sandboxes.tree.gitcmd import run_git
from sandboxes.tree.history import write_git_archive
from sandboxes.tree.hosttree import host_files, user_excludes
from sandboxes.tree.plainfile import read_plain
from sandboxes.tree.repository import Repository
from sandboxes.tree.shadow import BASE_REF, LIVE_REF, Committed
from sandboxes.tree.sources import HostSource, ImageSource, locate
from sandboxes.tree.state import StoreState, save_state
from sandboxes.tree.tarball import Owner, append_archive
from sandboxes.tree.tracker import LARGE_FILE, Tracker

_LIST_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Opened:
    """What opening leaves to do: `finish` takes the first snapshot and records the state."""

    finish: Callable[[], Awaitable[Committed]]
    notes: list[str] = field(default_factory=list[str])


async def open_copy(source: HostSource, sandbox: Sandbox, tracker: Tracker) -> Opened:
    """Copy the tree and a cut `.git` into the sandbox; the first snapshot is left to `finish`."""
    directory = tracker.store.directory
    path, repository, notes_of_place = locate(source)
    root = repository.root if repository else path
    excludes = await user_excludes()
    tracker.store.create(_exclude_texts(repository, excludes))
    owner = await tracker.learn_owner()
    history = asyncio.create_task(_history(repository, source.depth, directory, owner))
    try:
        found = await host_files(root, repository, tracker.store.git_dir, excludes)
        tree = await asyncio.to_thread(write_tree_archive, root, found, directory / "tree.tar", owner)
        archive, cut_note = await history
    finally:
        history.cancel()
        await asyncio.gather(history, return_exceptions=True)
    if archive:
        # One archive, because unpacking each takes an engine some 50 ms; git.tar stays for a refill.
        await asyncio.to_thread(append_archive, tree.archive, archive)
    await sandbox.upload(tree.archive, sandbox.workdir)
    tracker.known = {it.path for it in tree.files if it.size <= LARGE_FILE}
    tracker.counted = {it.path for it in tree.files}
    notes = [*notes_of_place, *left_out_notes(found, tree), *([cut_note] if cut_note else [])]
    earlier = await _baseline(tracker, {it.path for it in tree.files})
    if earlier:
        notes.append(
            f"The image already has {earlier} other files in {sandbox.workdir}; they are no part of the result."
        )

    async def finish() -> Committed:
        committed = await _commit_archive(tracker, tree)
        state = StoreState(kind="copy", base=committed.commit, notes=tuple(notes))
        await asyncio.to_thread(save_state, directory, state, tracker.outside)
        tree.archive.unlink()
        return committed

    return Opened(finish, notes)


async def open_bind(source: HostSource, tracker: Tracker) -> Opened:
    """Take the first snapshot of a tree that the sandbox shows already."""
    path, repository, notes = locate(source)
    await asyncio.to_thread(remember_if_nobody_did, tracker.store.directory, repository.root if repository else path)
    tracker.store.create(_exclude_texts(repository, await user_excludes()))
    await tracker.learn_owner()

    async def finish() -> Committed:
        tracked: set[str] = set()
        if repository:
            listed = await run_git("ls-files", "-z", "--cached", git_dir=repository.git_dir)
            tracked = {decode_path(name) for name in listed.split(b"\0") if name}
        committed = await tracker.capture(tracked)
        state = StoreState(kind="bind", base=committed.commit, notes=notes)
        await asyncio.to_thread(save_state, tracker.store.directory, state, tracker.outside)
        return committed

    return Opened(finish, list(notes))


async def open_image(source: ImageSource, sandbox: Sandbox, tracker: Tracker) -> Opened:
    """Take the first snapshot of what the image brought along; its own git, in the sandbox, says what is tracked."""
    tracker.store.create()
    await tracker.learn_owner()

    async def finish() -> Committed:
        committed = await tracker.capture(await _tracked_inside(sandbox))
        state = StoreState(kind="image", base=committed.commit)
        await asyncio.to_thread(save_state, tracker.store.directory, state, tracker.outside)
        return committed

    return Opened(finish)


async def _history(
    repository: Repository | None, depth: int, directory: Path, owner: Owner
) -> tuple[Path | None, str | None]:
    return await write_git_archive(repository, depth, directory, owner) if repository else (None, None)


async def _baseline(tracker: Tracker, uploaded: set[str]) -> int:
    """Tell the sandbox that this is the start; what it had before the upload never counts. Returns how much that is."""
    tracker.outside = await tracker.baseline() - uploaded
    return len(tracker.outside)


async def _commit_archive(tracker: Tracker, tree: TreeArchive) -> Committed:
    batches = archived_files(tree, lambda it: it.size <= LARGE_FILE)
    committed = await tracker.store.commit(None, "start", batches, ref=BASE_REF)
    await tracker.store.set_ref(LIVE_REF, committed.commit)
    tracker.head = committed
    return committed


async def _tracked_inside(sandbox: Sandbox) -> set[str]:
    listing = f"{sandbox.scratch}/tracked-files"
    command = f"cd '{sandbox.workdir}' && git -c safe.directory='*' ls-files -z --cached > '{listing}'"
    result = await sandbox.run(command, timeout_s=_LIST_SECONDS)
    if result.exit_code != 0:
        return set()
    output = (await sandbox.read_file(listing)).data
    await sandbox.delete_file(listing)
    return {decode_path(name) for name in output.split(b"\0") if name}


def _exclude_texts(repository: Repository | None, excludes: Path | None) -> str:
    """The user's ignore rules that live outside the tree."""
    texts = [excludes.read_bytes()] if excludes else []
    # The user's own file may be a link; what a repository brings may not.
    if repository and (found := read_plain(repository.common_dir / "info" / "exclude", repository.common_dir)):
        texts.append(found[0])
    return "\n".join(text.decode("utf-8", "surrogateescape") for text in texts)
