"""Scans of a workspace from tar files of it, for sandboxes without Python: slower by far, the same answers."""

import hashlib
import tarfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import IO, cast

from sandboxes.errors import SandboxGone
from sandboxes.protocol import FileKind, TreeChange
from sandboxes.runner.files import FILE_BYTES

_KEPT_BYTES = 1024**3
_STREAM_S = 300.0
# A pax record of ours: the size of a file whose bytes were left out.
_SIZE = "QWRIGHT.size"

_Seen = tuple[FileKind, int, int, str]


class _Pieces:
    """As much of a file as tarfile needs, made of pieces as they arrive; `SandboxGone` when they take too long."""

    def __init__(self, pieces: Iterable[bytes], within_s: float) -> None:
        self._pieces = iter(pieces)
        self._rest = b""
        self._within_s = within_s
        self._end = time.monotonic() + within_s

    def read(self, size: int = -1, /) -> bytes:
        """At most `size` bytes, none only at the end."""
        while not self._rest:
            if time.monotonic() > self._end:
                raise SandboxGone(
                    f"The sandbox's files did not arrive within {self._within_s:g} s. Large files in the workspace "
                    "make this slow in an image without Python: remove them, or use an image with Python."
                )
            piece = next(self._pieces, None)
            if piece is None:
                return b""
            self._rest = piece
        taken = self._rest if size < 0 else self._rest[:size]
        self._rest = self._rest[len(taken) :]
        return taken


def sift(pieces: Iterable[bytes], into: Path, most: int = _KEPT_BYTES, within_s: float = _STREAM_S) -> None:
    """Write an arriving tar file without `.git` and without the bytes of files over 64 MiB. Blocking.

    A sparse file costs nothing inside and its full size here. Raises `SandboxGone` beyond `most` bytes or `within_s`.
    """
    large: dict[str, int] = {}
    kept = 0
    stream = cast("IO[bytes]", _Pieces(pieces, within_s))
    with tarfile.open(fileobj=stream, mode="r|") as tar, tarfile.open(into, "w") as out:
        for member in tar:
            if _relative(member.name) is None:
                continue
            size = large.get(member.linkname) if member.islnk() else member.size if member.size > FILE_BYTES else None
            if size is not None:
                large[member.name] = size
                member.type, member.size, member.linkname = tarfile.REGTYPE, 0, ""
                member.pax_headers = {_SIZE: str(size)}
            kept += member.size + 1024
            if kept > most:
                raise SandboxGone(
                    f"The workspace holds more than {most // 1024**2} MiB, too much for a sandbox without Python. "
                    "Remove files, or use an image with Python."
                )
            out.addfile(member, tar.extractfile(member) if member.isreg() and size is None else None)


class PlainTree:
    """Remembers kind, mode, size and digest of every path between scans."""

    def __init__(self) -> None:
        self._known: dict[str, _Seen] = {}

    def changes(self, archive: Path) -> list[TreeChange]:
        """What differs from the last archive, `.git` left out."""
        found: dict[str, _Seen] = {}
        with tarfile.open(archive) as tar:
            for member in tar:
                path = _relative(member.name)
                if path is not None and not member.isdir():
                    found[path] = _seen(tar, member, found)
        changed = [TreeChange(path, *seen[:3]) for path, seen in found.items() if self._known.get(path) != seen]
        changed += [TreeChange(path, None) for path in self._known if path not in found]
        self._known = found
        return changed


def pick(archive: Path, paths: list[str], most: int) -> list[TreeChange]:
    """The given paths of an archive with their bytes or link targets; beyond `most` bytes in all without."""
    left = most
    picked = {path: TreeChange(path, None) for path in paths}
    with tarfile.open(archive) as tar:
        for member in tar:
            path = _relative(member.name)
            if path in picked:
                kind = _kind(member)
                data = member.linkname.encode("utf-8", "surrogateescape") if kind == "symlink" else None
                if data is None and _SIZE not in member.pax_headers and member.size <= left:
                    data = _bytes(tar, member)
                left -= len(data or b"")
                size = _size(member) if data is None else len(data)
                picked[path] = TreeChange(path, kind, member.mode & 0o7777, size, data)
    return [picked[path] for path in paths]


def _relative(name: str) -> str | None:
    """Path below the archived directory; None for that itself and for anything of `.git`."""
    _, _, path = name.removeprefix("./").partition("/")
    return None if not path or ".git" in path.split("/") else path


def _kind(member: tarfile.TarInfo) -> FileKind:
    if member.issym():
        return "symlink"
    if member.isdir():
        return "directory"
    return "file" if member.isreg() or member.islnk() else "other"


def _bytes(tar: tarfile.TarFile, member: tarfile.TarInfo) -> bytes | None:
    # For a hard link tarfile gives the bytes of the entry that it repeats.
    try:
        stream = tar.extractfile(member) if member.isreg() or member.islnk() else None
    except KeyError:
        # The entry that it repeats was left out.
        return None
    return None if stream is None else stream.read()


def _size(member: tarfile.TarInfo) -> int:
    return int(member.pax_headers.get(_SIZE, member.size))


def _seen(tar: tarfile.TarFile, member: tarfile.TarInfo, found: dict[str, _Seen]) -> _Seen:
    kind, mode = _kind(member), member.mode & 0o7777
    if member.islnk():
        first = found.get(_relative(member.linkname) or "")
        return (kind, mode, first[2] if first else 0, first[3] if first else "")
    if kind == "symlink":
        return (kind, mode, len(member.linkname.encode("utf-8", "surrogateescape")), member.linkname)
    if _SIZE in member.pax_headers:
        return (kind, mode, _size(member), f"at {member.mtime}")
    digest = hashlib.sha256()
    stream = tar.extractfile(member) if member.isreg() else None
    while stream is not None and (piece := stream.read(1 << 20)):
        digest.update(piece)
    return (kind, mode, member.size, digest.hexdigest())
