"""Reads a file of a repository that its owner may not have written: no link is followed, no pipe is waited for."""

import os
import stat
from pathlib import Path

_MOST = 256 * 1024**2


def read_plain(path: Path, directory: Path | None = None) -> tuple[bytes, os.stat_result] | None:
    """Bytes and status of a regular file; None when there is none, or when something else or a link stands there.

    With `directory` no link may stand on the way from it to the file either. Files over 256 MiB are taken for missing.
    """
    if directory is not None and path.parent.resolve() != directory.resolve() / path.parent.relative_to(directory):
        return None
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode) or status.st_size > _MOST:
            return None
        return file.read(_MOST), status
