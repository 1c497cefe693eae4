"""The workspace as a whole: what changed since the last look, and the bytes of many files. `.git` is left out."""

import hashlib
import os
import stat
import threading
import time

from sandboxes.runner.files import FILE_BYTES, is_inside, kind_of, read_up_to
from sandboxes.runner.frames import Request, Writer

_PART_ENTRIES = 5000
_PART_BYTES = 1024 * 1024
# JSON writes a character in six bytes at most.
_PART_CHARACTERS = 600 * 1024
_TOTAL_BYTES = 256 * 1024 * 1024
# Coarse kernel clocks tick every 4 to 10 ms; a change within the tick of the scan leaves no trace in the times.
_TICK_NS = 50 * 1000 * 1000
_COARSE_TICK_NS = 2 * 1000 * 1000 * 1000


class Tree:
    """Remembers mode, size, times and inode of every path, and a digest of files that changed just before a scan."""

    def __init__(self, workdir: str, writer: Writer) -> None:
        self._workdir = workdir
        self._writer = writer
        self._lock = threading.Lock()
        self._known: dict[str, tuple[int, int, int, int, int, str]] = {}

    def scan(self, request_id: int, request: Request) -> None:
        """Send the paths that changed since the last scan, in parts."""
        with self._lock:
            if request.fields.get("all"):
                self._known = {}
            now = time.time_ns() if hasattr(time, "time_ns") else int(time.time() * 1e9)
            found: dict[str, tuple[int, int, int, int, int, str]] = {}
            changed: list[tuple[str, str | None, int, int]] = []
            for path, status in _files(self._workdir):
                before = self._known.get(path)
                times = (status.st_mode, status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)
                if before is not None and before[:5] == times and not before[5]:
                    found[path] = before
                    continue
                digest = self._digest_if_fresh(path, status, now)
                if before is None or before[:5] != times or before[5] != (digest or self._digest(path, status)):
                    changed.append((path, kind_of(status.st_mode), stat.S_IMODE(status.st_mode), status.st_size))
                found[path] = (*times, digest)
            changed.extend((path, None, 0, 0) for path in self._known if path not in found)
            self._known = found
        self._send_parts(request_id, changed)

    def _send_parts(self, request_id: int, changed: "list[tuple[str, str | None, int, int]]") -> None:
        part: list[tuple[str, str | None, int, int]] = []
        characters = 0
        for row in changed:
            part.append(row)
            characters += len(row[0])
            if len(part) >= _PART_ENTRIES or characters >= _PART_CHARACTERS:
                self._writer.send({"id": request_id, "part": part})
                part, characters = [], 0
        if part:
            self._writer.send({"id": request_id, "part": part})

    def read(self, request_id: int, request: Request) -> None:
        """Send the given paths with their bytes or link targets, in parts; links are not followed.

        Files over 64 MiB, and those that do not fit into `most` bytes with all before them, come without their bytes.
        """
        entries: list[tuple[str, str | None, int, int, int]] = []
        payload = bytearray()
        characters, left = 0, min(_TOTAL_BYTES, int(request.number("most", _TOTAL_BYTES)))
        root = os.path.realpath(self._workdir)
        for path in request.texts("paths"):
            kind, mode, size, data = _content(root, path, min(left, FILE_BYTES))
            left -= len(data or b"")
            characters += len(path)
            entries.append((path, kind, mode, size, -1 if data is None else len(data)))
            payload += data or b""
            if len(payload) >= _PART_BYTES or len(entries) >= _PART_ENTRIES or characters >= _PART_CHARACTERS:
                self._writer.send({"id": request_id, "part": entries}, bytes(payload))
                entries, payload, characters = [], bytearray(), 0
        if entries:
            self._writer.send({"id": request_id, "part": entries}, bytes(payload))

    def _digest_if_fresh(self, path: str, status: os.stat_result, now: int) -> str:
        coarse = status.st_ctime_ns % 1000000000 == 0
        fresh = max(status.st_ctime_ns, status.st_mtime_ns) > now - (_COARSE_TICK_NS if coarse else _TICK_NS)
        return self._digest(path, status) if fresh else ""

    def _digest(self, path: str, status: os.stat_result) -> str:
        # What is too large to be sent is too large to be read at every look: a sparse file may have terabytes.
        if not stat.S_ISREG(status.st_mode) or status.st_size > FILE_BYTES:
            return "-"
        digest = hashlib.sha256()
        try:
            with open(os.path.join(self._workdir, path), "rb") as stream:
                for block in iter(lambda: stream.read(1 << 20), b""):
                    digest.update(block)
        except OSError:
            return "?"
        return digest.hexdigest()


def _files(workdir: str) -> "list[tuple[str, os.stat_result]]":
    found: list[tuple[str, os.stat_result]] = []
    pending = [("", workdir)]
    while pending:
        prefix, directory = pending.pop()
        try:
            with os.scandir(directory) as entries:
                for entry in entries:
                    if entry.name == ".git":
                        continue
                    if entry.is_dir(follow_symlinks=False):
                        pending.append((prefix + entry.name + "/", entry.path))
                    else:
                        found.append((prefix + entry.name, entry.stat(follow_symlinks=False)))
        except OSError:
            # Removed while it was walked, or not readable: the next scan says more.
            continue
    return found


def _content(root: str, path: str, most: int) -> "tuple[str | None, int, int, bytes | None]":
    full = os.path.join(root, path)
    if not is_inside(os.path.realpath(os.path.dirname(full)), root):
        return None, 0, 0, None
    try:
        status = os.lstat(full)
        kind, mode = kind_of(status.st_mode), stat.S_IMODE(status.st_mode)
        if kind == "symlink":
            data = os.fsencode(os.readlink(full))
        elif kind == "file":
            with open(os.open(full, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as stream:
                data = read_up_to(stream.fileno(), most + 1)
            if len(data) > most:
                return kind, mode, status.st_size, None
        else:
            return kind, mode, status.st_size, None
    except OSError:
        return None, 0, 0, None
    return kind, mode, len(data), data
