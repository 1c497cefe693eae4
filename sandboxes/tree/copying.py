"""Bring a tree of this machine into a sandbox: one archive of its files, whose bytes are also the first snapshot."""

import asyncio
import os
import stat
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from sandboxes.tree.fastimport import FileBytes, OnDisk, encode_path, fs_path, git_mode
from sandboxes.tree.hosttree import HostFiles
from sandboxes.tree.tarball import Owner, TarWriter

_SMALL = 1 << 20
_BATCH = 500
# A batch of files up to this size stays below 8 MiB.
_IN_MEMORY = 16 * 1024


@dataclass(frozen=True, slots=True)
class Packed:
    """A file's place in the archive (or a link's target)."""

    path: str
    mode: int
    offset: int
    size: int
    link: bytes | None = None


@dataclass(slots=True)
class TreeArchive:
    """The archive and what is in it."""

    archive: Path
    files: list[Packed] = field(default_factory=list[Packed])
    unreadable: list[str] = field(default_factory=list[str])


def write_tree_archive(root: Path, found: HostFiles, archive: Path, owner: Owner) -> TreeArchive:
    """Pack the files as they are on disk now; blocking."""
    result = TreeArchive(archive)
    prefix = os.path.join(os.fspath(root), "")
    with TarWriter(archive, owner) as tar:
        for directory in found.directories:
            tar.add_directory(directory)
        for path, status in found.files.items():
            try:
                result.files.append(_pack(tar, prefix, path, status))
            except OSError:
                result.unreadable.append(path)
    return result


def _pack(tar: TarWriter, prefix: str, path: str, status: os.stat_result) -> Packed:
    name = prefix + fs_path(path)
    if stat.S_ISLNK(status.st_mode):
        target = os.fsencode(os.readlink(name))
        tar.add_link(path, target, int(status.st_mtime))
        return Packed(path, 0o120000, 0, len(target), target)
    # The tree may change while it is read: a link or a pipe that took the file's place is not followed or waited for.
    descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        now = os.fstat(descriptor)
        if not stat.S_ISREG(now.st_mode):
            raise OSError(f"{path} is no regular file any more")
        mode = git_mode("file", now.st_mode)
        if now.st_size < _SMALL:
            data = os.read(descriptor, _SMALL)
            return Packed(path, mode, tar.add_bytes(path, data, now.st_mode, int(now.st_mtime)), len(data))
        offset = tar.add_descriptor(path, descriptor, now.st_size, now.st_mode, int(now.st_mtime))
        return Packed(path, mode, offset, now.st_size)
    finally:
        os.close(descriptor)


async def archived_files(tree: TreeArchive, wanted: Callable[[Packed], bool]) -> AsyncIterator[list[FileBytes]]:
    """The archive's files in batches, read back from it in threads; large ones are left for the reader to fetch."""
    files = filter(wanted, tree.files)
    descriptor = os.open(tree.archive, os.O_RDONLY | os.O_CLOEXEC)
    try:
        while group := list(islice(files, _BATCH)):
            yield await asyncio.to_thread(_read_group, descriptor, group)
    finally:
        os.close(descriptor)


def _read_group(descriptor: int, group: list[Packed]) -> list[FileBytes]:
    return [FileBytes(it.path, it.mode, _content(descriptor, it)) for it in group]


def _content(descriptor: int, packed: Packed) -> bytes | OnDisk:
    if packed.link is not None:
        return packed.link
    if packed.size > _IN_MEMORY:
        return OnDisk(descriptor, packed.offset, packed.size)
    return os.pread(descriptor, packed.size, packed.offset)


def left_out_notes(found: HostFiles, tree: TreeArchive) -> list[str]:
    """Sentences about what could not be copied."""
    notes: list[str] = []
    if found.special:
        notes.append(f"Left out, neither files nor links: {_listing(found.special)}.")
    if tree.unreadable:
        notes.append(f"Left out, not readable: {_listing(tree.unreadable)}.")
    return notes


def _listing(paths: list[str], most: int = 5) -> str:
    shown = ", ".join(encode_path(path).decode("utf-8", "replace") for path in paths[:most])
    return shown if len(paths) <= most else f"{shown} and {len(paths) - most} more"
