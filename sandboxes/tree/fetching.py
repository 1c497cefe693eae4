"""Large files out of a sandbox, piece by piece onto the host's disk: memory holds one piece."""

import asyncio
import tempfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from sandboxes.errors import PathError
from sandboxes.protocol import Sandbox
from sandboxes.tree.fastimport import OnDisk

_PIECE = 4 * 1024**2


@asynccontextmanager
async def fetched(sandbox: Sandbox, path: str, directory: Path, most: int) -> AsyncGenerator[OnDisk | None]:
    """A file of the workspace as long as the context lasts; None when it went away, became a link or outgrew `most`.

    One that is written meanwhile comes as it was found, piece by piece; the next scan reports it again.
    """
    with tempfile.TemporaryFile(dir=directory) as spool:
        size = await _copy(sandbox, path, spool.fileno(), most)
        yield None if size is None else OnDisk(spool.fileno(), 0, size)


async def _copy(sandbox: Sandbox, path: str, descriptor: int, most: int) -> int | None:
    root = await sandbox.stat(sandbox.workdir)
    if root is None:
        return None
    size = 0
    while size <= most:
        try:
            piece = await sandbox.read_file(f"{sandbox.workdir}/{path}", offset=size, limit=_PIECE)
        except PathError:
            return None
        if piece.stat.real_path != f"{root.real_path.rstrip('/')}/{path}":
            return None
        if not piece.data:
            return size
        await asyncio.to_thread(_write, descriptor, piece.data)
        size += len(piece.data)
    return None


def _write(descriptor: int, data: bytes) -> None:
    with open(descriptor, "ab", closefd=False) as stream:
        stream.write(data)
