"""Scans of a workspace from tar files of it, for sandboxes without Python: slower by far, the same answers."""

import hashlib
import tarfile
from pathlib import Path

from sandboxes.protocol import FileKind, TreeChange

_Seen = tuple[FileKind, int, int, str]


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


def pick(archive: Path, paths: list[str]) -> list[TreeChange]:
    """The given paths of an archive with their bytes or link targets."""
    picked = {path: TreeChange(path, None) for path in paths}
    with tarfile.open(archive) as tar:
        for member in tar:
            path = _relative(member.name)
            if path in picked:
                kind = _kind(member)
                data = member.linkname.encode("utf-8", "surrogateescape") if kind == "symlink" else _bytes(tar, member)
                picked[path] = TreeChange(path, kind, member.mode & 0o7777, len(data or b""), data)
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
    stream = tar.extractfile(member) if member.isreg() or member.islnk() else None
    return None if stream is None else stream.read()


def _seen(tar: tarfile.TarFile, member: tarfile.TarInfo, found: dict[str, _Seen]) -> _Seen:
    kind, mode = _kind(member), member.mode & 0o7777
    if member.islnk():
        first = found.get(_relative(member.linkname) or "")
        return (kind, mode, first[2] if first else 0, first[3] if first else "")
    if kind == "symlink":
        return (kind, mode, len(member.linkname.encode("utf-8", "surrogateescape")), member.linkname)
    data = _bytes(tar, member) or b""
    return (kind, mode, member.size, hashlib.sha256(data).hexdigest())
