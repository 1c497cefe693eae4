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


def is_held(directory: Path) -> bool:
    """Whether a process has the session in this folder, as Linux lists it; False where nothing lists locks.

    The lock is not tried: that would turn away whoever takes the session up at the same moment.
    """
    try:
        lock = directory / "lock"
        wanted = (lock.read_text("ascii", "replace").strip(), str(lock.stat().st_ino))
        listed = Path("/proc/locks").read_text("ascii", "replace")
    except OSError:
        return False
    # "7: FLOCK  ADVISORY  WRITE 708 fe:00:3596305 0 EOF" (man 5 proc)
    rows = [fields for line in listed.splitlines() if len(fields := line.split()) > 5 and fields[1] == "FLOCK"]
    return any((fields[4], fields[5].rpartition(":")[2]) == wanted for fields in rows)
