"""Patches of a bounded size: git's output is taken apart by file while it arrives, and what is too large is dropped."""

import re
from dataclasses import dataclass
from itertools import pairwise

# A reviewer, a grader or `git apply` takes no more for text; binary files become a third larger in a patch.
FILE_BYTES = 32 * 1024**2
PATCH_BYTES = 64 * 1024**2

# Lines of a patch begin with a blank, +, -, \\ or @, and those of a binary file hold no blank: only headers look so.
_HEADER = re.compile(rb"^diff --git ", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A file whose part of the patch was dropped: its path, and the bytes that it would have taken."""

    path: str
    size: int


@dataclass(slots=True)
class _Part:
    names: bytes
    size: int
    data: bytearray | None


class Sieve:
    """Takes the output of `git diff-tree -p` in pieces; holds no more than the limits and one piece."""

    def __init__(self, file_bytes: int = FILE_BYTES, patch_bytes: int = PATCH_BYTES) -> None:
        self._file_bytes = file_bytes
        self._patch_bytes = patch_bytes
        self._parts: list[_Part] = []
        self._held = 0
        self._rest = bytearray()

    def feed(self, piece: bytes) -> None:
        """Take the next bytes."""
        self._rest += piece
        end = self._rest.rfind(b"\n", len(self._rest) - len(piece)) + 1
        self._take(bytes(self._rest[:end]))
        del self._rest[:end]

    def finish(self) -> tuple[bytes, list[LeftOut]]:
        """The patch, and what is not in it."""
        self._take(bytes(self._rest))
        # A file that became a link has two parts, which only make sense together.
        dropped = {part.names: 0 for part in self._parts if part.data is None}
        for part in self._parts:
            if part.names in dropped:
                dropped[part.names] += part.size
        kept = [part.data for part in self._parts if part.data is not None and part.names not in dropped]
        return b"".join(kept), [LeftOut(_path(names), size) for names, size in dropped.items()]

    def _take(self, lines: bytes) -> None:
        starts = [found.start() for found in _HEADER.finditer(lines)]
        self._add(lines[: starts[0]] if starts else lines)
        for start, end in pairwise([*starts, len(lines)]):
            self._parts.append(_Part(lines[start : lines.index(b"\n", start)], 0, bytearray()))
            self._add(lines[start:end])

    def _add(self, data: bytes) -> None:
        if not self._parts:
            return
        part = self._parts[-1]
        part.size += len(data)
        if part.data is not None:
            part.data += data
            self._held += len(data)
            if part.size > self._file_bytes:
                self._drop(part)
        while self._held > self._patch_bytes:
            self._drop(max(self._parts, key=lambda it: len(it.data or b"")))

    def _drop(self, part: _Part) -> None:
        self._held -= len(part.data or b"")
        part.data = None


def _path(names: bytes) -> str:
    """The path of `diff --git a/PATH b/PATH`, quoted as git does."""
    both = names.removeprefix(b"diff --git ")
    return both[: len(both) // 2].removeprefix(b'"').removeprefix(b"a/").removesuffix(b'"').decode("utf-8", "replace")
