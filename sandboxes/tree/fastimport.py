"""The stream that `git fast-import` reads, as pure functions (format: git-fast-import(1))."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n"})


_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class OnDisk:
    """Content that is not held in memory: `size` bytes from `offset` on of a file that this process has open."""

    descriptor: int
    offset: int
    size: int


@dataclass(frozen=True, slots=True)
class FileBytes:
    """One path of a snapshot. `mode` is git's (0o100644, 0o100755 or 0o120000); `data` None means deleted."""

    path: str
    mode: int
    data: bytes | OnDisk | None


def encode_path(path: str) -> bytes:
    """The bytes of a path as the file system has them (names that are not UTF-8 survive)."""
    return path.encode("utf-8", "surrogateescape")


def decode_path(raw: bytes) -> str:
    """The inverse of `encode_path`."""
    return raw.decode("utf-8", "surrogateescape")


def git_mode(kind: str, mode: int) -> int:
    """Git's mode of a file or link with the given permission bits."""
    if kind == "symlink":
        return 0o120000
    return 0o100755 if mode & 0o100 else 0o100644


def storable(path: str) -> bool:
    """Whether git can hold the path: relative, and without `.`, `..`, an empty part or a `.git` in any case."""
    parts = path.split("/")
    return "\0" not in path and not any(part in {"", ".", ".."} or part.lower() == ".git" for part in parts)


def commit_header(ref: str, parent: str | None, label: str, when: int) -> bytes:
    """Begin a commit on `ref`; `when` is in seconds since 1970."""
    message = label.encode("utf-8", "replace")
    lines = [
        f"commit {ref}\nmark :1\n".encode(),
        f"committer qwright <qwright@localhost> {when} +0000\ndata {len(message)}\n".encode(),
        message,
        b"\n",
        f"from {parent}\n".encode() if parent else b"",
    ]
    return b"".join(lines)


def file_command(file: FileBytes) -> Iterator[bytes]:
    """The command that puts one path into the commit, or takes it out, in pieces of at most a megabyte on disk."""
    quoted = b'"' + encode_path(file.path.translate(_ESCAPES)) + b'"'
    match file.data:
        case None:
            yield b"D " + quoted + b"\n"
        case bytes(data):
            yield b"M %o inline %s\ndata %d\n%s\n" % (file.mode, quoted, len(data), data)
        case OnDisk(descriptor, offset, size):
            yield b"M %o inline %s\ndata %d\n" % (file.mode, quoted, size)
            for start in range(0, size, _PIECE):
                length = min(_PIECE, size - start)
                # Zeros stand for what the file shrank by meanwhile: the command has named its size.
                yield os.pread(descriptor, length, offset + start).ljust(length, b"\0")
            yield b"\n"


def batch_commands(files: Iterable[FileBytes]) -> Iterator[bytes]:
    """Several file commands, small ones put together; deletions must be given before what takes their place."""
    held: list[bytes] = []
    size = 0
    for file in files:
        for piece in file_command(file):
            held.append(piece)
            size += len(piece)
            if size >= _PIECE:
                yield b"".join(held)
                held, size = [], 0
    yield b"".join(held)


def commit_end() -> bytes:
    """Ask for the commit's id and its tree, and end the stream."""
    return b'get-mark :1\nls :1 ""\ndone\n'


def parse_ids(output: bytes) -> tuple[str, str]:
    """Commit and tree id from what fast-import answered to `commit_end`."""
    commit, tree = output.decode("ascii").splitlines()[:2]
    return commit.strip(), tree.split()[2]


def fs_path(path: str) -> str:
    """The path as the `os` functions of this process take it."""
    return os.fsdecode(encode_path(path))
