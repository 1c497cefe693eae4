"""What a sandbox can leave in a bound tree besides `.git` entries that acts on the host: bare repositories, set-id.

Git takes any directory for a repository that looks like one from inside, its configuration and hooks included. What is
older than the session is the user's own: the kernel notes the time of every change of a file, and nobody can set that.
"""

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from sandboxes.tree.fastimport import encode_path
from sandboxes.tree.quarantine import SUFFIX, set_aside

_SET_ID = stat.S_ISUID | stat.S_ISGID
# What makes git trust the directory, and what it then runs.
_TELLING = ("head", "objects", "refs", "commondir", "config", "config.worktree", "hooks")
# The kernel's clock for files runs up to a tick behind the one that was read.
_TICK_NS = 50_000_000


def is_bare(names: Iterable[str]) -> bool:
    """Whether git may take a directory with these entries for a repository (its `is_git_directory`, loosely)."""
    low = {name.lower() for name in names}
    return "head" in low and (low >= {"objects", "refs"} or "commondir" in low)


def defuse(root: Path, since_ns: int) -> list[str]:
    """Disarm what has changed since a time, in nanoseconds since 1970; a sentence for each. Blocking.

    For a tree whose sandbox is gone. A bare repository loses its HEAD, by renaming; a program its set-id bits.
    """
    notes: list[str] = []
    for below, entries in _directories(root):
        for entry in entries:
            note = _without_set_id(entry, below + entry.name, since_ns - _TICK_NS)
            notes += [note] if note else []
        if is_bare(entry.name for entry in entries) and _touched(entries, since_ns - _TICK_NS):
            said = [_without_head(root, below, entry.name) for entry in entries if entry.name.lower() == "head"]
            # A `.git` that was set aside has its sentence already.
            notes += [] if f".git{SUFFIX}" in below.rpartition("/")[0].rpartition("/")[2].lower() else said
    return notes


def _directories(root: Path) -> Iterator[tuple[str, list["os.DirEntry[str]"]]]:
    pending = [""]
    while pending:
        below = pending.pop()
        try:
            with os.scandir(root / below) as found:
                entries = list(found)
        except OSError:
            continue
        yield below, entries
        pending += [
            f"{below}{it.name}/" for it in entries if it.name.lower() != ".git" and it.is_dir(follow_symlinks=False)
        ]


def _touched(entries: list["os.DirEntry[str]"], since_ns: int) -> bool:
    telling = [entry for entry in entries if entry.name.lower() in _TELLING]
    hooks = [hook for it in telling if it.name.lower() == "hooks" for hook in _listed(it.path)]
    return any(_changed(path) >= since_ns for path in (*(it.path for it in telling), *hooks))


def _listed(directory: str) -> list[str]:
    try:
        return [os.path.join(directory, name) for name in os.listdir(directory)]
    except OSError:
        return []


def _changed(path: str) -> int:
    """When a file, or what a link leads to, was changed last."""
    times = [0]
    for follow in (False, True):
        try:
            times.append(os.stat(path, follow_symlinks=follow).st_ctime_ns)
        except OSError:
            continue
    return max(times)


def _without_head(root: Path, below: str, name: str) -> str:
    shown = encode_path(below.rstrip("/") or ".").decode("utf-8", "replace")
    said = f"{shown} was made or changed while the sandbox ran and is a repository to your git"
    try:
        fresh = set_aside(root, below + name)
    except OSError as error:
        return f"{said}; its {name} cannot be renamed ({error.strerror}): look into it before you run git there."
    return f"{said}; its {name} is now named {fresh}, so that git does not trust it. If it is meant, name it back."


def _without_set_id(entry: "os.DirEntry[str]", path: str, since_ns: int) -> str | None:
    try:
        status = entry.stat(follow_symlinks=False)
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(status.st_mode) or not status.st_mode & _SET_ID or status.st_ctime_ns < since_ns:
        return None
    shown = encode_path(path).decode("utf-8", "replace")
    try:
        os.chmod(entry.path, stat.S_IMODE(status.st_mode) & ~_SET_ID)
    except OSError as error:
        return f"{shown} got a set-id bit while the sandbox ran, and it cannot be taken away ({error.strerror})."
    return f"{shown} got a set-id bit while the sandbox ran; it was taken away: whoever ran it would have been you."
