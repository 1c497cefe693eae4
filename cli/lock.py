"""One process at a time on a session: a lock that the kernel drops when its holder dies, however it dies."""

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from cli.errors import SessionLocked


@contextmanager
def session_lock(directory: Path) -> Generator[None]:
    """Hold the session in this folder; raises `SessionLocked` naming the process that has it."""
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(directory / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(descriptor, 32).decode("ascii", "replace").strip() or "another process"
            sentence = f"The session {directory.name} is running (process {holder}); end that one first."
            raise SessionLocked(sentence) from None
        os.ftruncate(descriptor, 0)
        os.write(descriptor, str(os.getpid()).encode())
        yield
    finally:
        os.close(descriptor)
