"""Output of one command: its beginning and end in memory, the whole in a file once it is long."""

import os

HEAD_BYTES = 32 * 1024
TAIL_BYTES = 32 * 1024
FILE_BYTES = 256 * 1024 * 1024


class Spool:
    """Collects output; `path` is the file's name, `on_disk` says whether it was needed."""

    def __init__(self, path: str, limit: int = FILE_BYTES) -> None:
        self.path = path
        self.total = 0
        self.on_disk = False
        self._limit = limit
        self._head = bytearray()
        self._tail = bytearray()
        self._fd = -1
        self._stored = 0

    def add(self, data: bytes) -> None:
        """Take the next bytes."""
        self.total += len(data)
        if self.total > HEAD_BYTES + TAIL_BYTES:
            self.to_disk()
        if self._fd >= 0:
            self._store(data)
        if len(self._head) < HEAD_BYTES:
            room = HEAD_BYTES - len(self._head)
            self._head += data[:room]
            data = data[room:]
        self._tail += data
        if len(self._tail) > 4 * TAIL_BYTES:
            del self._tail[:-TAIL_BYTES]

    def to_disk(self) -> None:
        """Start the file with what is there so far; nothing is lost, because memory still holds all of it."""
        if self.on_disk:
            return
        self.on_disk = True
        try:
            self._fd = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        except OSError:
            return
        self._store(bytes(self._head + self._tail))

    def ends(self) -> "tuple[bytes, bytes]":
        """Head and tail; the tail is empty when the head is everything."""
        if self.total <= HEAD_BYTES + TAIL_BYTES:
            return bytes(self._head + self._tail), b""
        return bytes(self._head), bytes(self._tail[-TAIL_BYTES:])

    def close(self) -> None:
        """Close the file; it stays."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def _store(self, data: bytes) -> None:
        if self._stored >= self._limit:
            return
        kept = data[: self._limit - self._stored]
        self._stored += len(kept)
        if self._stored >= self._limit:
            kept += b"\n[output beyond %d bytes is not kept in this file]\n" % self._limit
        view = memoryview(kept)
        try:
            while view:
                view = view[os.write(self._fd, view) :]
        except OSError as error:
            # A full disk must not end the command; the missing part is announced in the memory that is returned.
            self._stored = self._limit
            self._tail += (f"\n[output file {self.path}: {error.strerror}]\n").encode()
