"""Put files of a snapshot back into a sandbox."""

import asyncio
import contextlib
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from sandboxes.errors import PathMissing
from sandboxes.protocol import Sandbox
from sandboxes.tree.shadow import Entry, ShadowStore
from sandboxes.tree.tarball import Owner, TarWriter

_LINK = 0o120000
_GROUP = 500
ReadObjects = Callable[[Iterable[str]], list[bytes]]


async def put_entries(
    sandbox: Sandbox, store: ShadowStore, entries: list[Entry], read: ReadObjects, owner: Owner
) -> None:
    """Make the given paths what the entries say; deletions first, because files may take a directory's place.

    A file that stays a file is written in place and keeps its permissions; new files and links come in one archive.
    """
    for entry in entries:
        if entry.old_mode and (entry.mode == 0 or _LINK in {entry.mode, entry.old_mode}):
            with contextlib.suppress(PathMissing):
                await sandbox.delete_file(f"{sandbox.workdir}/{entry.path}", within=(sandbox.workdir,))
    changed = [it for it in entries if it.mode and it.old_mode and _LINK not in {it.mode, it.old_mode}]
    for entry in changed:
        [data] = await asyncio.to_thread(read, [entry.oid])
        mode = None if entry.mode == entry.old_mode else entry.mode & 0o777
        await sandbox.write_file(f"{sandbox.workdir}/{entry.path}", data, mode=mode, within=(sandbox.workdir,))
    fresh = [it for it in entries if it.mode and (not it.old_mode or _LINK in {it.mode, it.old_mode})]
    if fresh:
        with tempfile.TemporaryDirectory(dir=store.directory, prefix="restore-") as directory:
            archive = Path(directory, "files.tar")
            await asyncio.to_thread(_pack, archive, owner, fresh, read)
            await sandbox.upload(archive, sandbox.workdir)


def _pack(archive: Path, owner: Owner, entries: list[Entry], read: ReadObjects) -> None:
    # Restored files are new: an epoch date would tell make, and Python's bytecode cache, that nothing has changed.
    now = int(time.time())
    with TarWriter(archive, owner) as tar:
        for start in range(0, len(entries), _GROUP):
            group = entries[start : start + _GROUP]
            for entry, data in zip(group, read(entry.oid for entry in group), strict=True):
                if entry.mode == _LINK:
                    tar.add_link(entry.path, data)
                else:
                    tar.add_bytes(entry.path, data, entry.mode, now)
