"""What a store remembers of a bound tree: its `.git` entries from before any sandbox could write to it.

The record is on disk before the sandbox starts and goes when everything that the sandbox made is disarmed, so that a
session that was killed leaves a record behind, and whoever comes next can do what it could not.
"""

import os
import time
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from sandboxes.container.owner import parse_owner, this_process
from sandboxes.tree.defuse import defuse
from sandboxes.tree.fastimport import fs_path
from sandboxes.tree.quarantine import quarantine
from sandboxes.tree.repository import GitEntry, git_entries
from sandboxes.tree.sources import Bound
from sandboxes.tree.state import quote_path, unquote_path

_FILE = "bound.json"


class _Record(BaseModel):
    """Paths are as `quote_path` writes them; `owner` is the process whose sandbox may write to the tree.

    `since_ns` is when the record was first made, in nanoseconds since 1970; a record of an older version has none.
    """

    model_config = ConfigDict(frozen=True)

    owner: str
    root: str
    git_entries: tuple[GitEntry, ...]
    since_ns: int | None = None

    @property
    def path(self) -> Path:
        return Path(fs_path(unquote_path(self.root)))


def remember_bound(directory: Path, bound: Bound) -> None:
    """Record the tree as it is before the sandbox starts; an earlier record's entries stay, only its owner changes."""
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    entries = tuple(GitEntry(quote_path(it.path), it.device, it.inode) for it in bound.entries)
    earlier, since_ns = _load(directory), time.time_ns()
    if earlier and earlier.path == bound.root:
        entries, since_ns = earlier.git_entries, earlier.since_ns
    _write(directory, _Record(owner="", root=quote_path(str(bound.root)), git_entries=entries, since_ns=since_ns))


def remember_if_nobody_did(directory: Path, root: Path) -> None:
    """Record the tree as it is now, for a caller that did not before its sandbox started."""
    if _load(directory) is None:
        remember_bound(directory, Bound(root, tuple(git_entries(root))))


def adopt_bound(directory: Path) -> None:
    """Make this process the owner of a record, as it is of a sandbox that outlived another one."""
    if record := _load(directory):
        _write(directory, record)


def _write(directory: Path, known: _Record) -> None:
    record = known.model_copy(update={"owner": str(this_process())})
    fresh = directory / (_FILE + ".new")
    with fresh.open("w", encoding="utf-8") as file:
        file.write(record.model_dump_json())
        file.flush()
        os.fsync(file.fileno())
    os.replace(fresh, directory / _FILE)


def disarm(directory: Path, *, ended: bool = True) -> list[str]:
    """Set aside what a store's sandbox made that would act on the host, and say so. Blocking; for a bound tree only.

    To be called when the sandbox is gone: what still runs makes it anew. Without `ended` the record stays, and only
    `.git` entries are looked for.
    """
    record = _load(directory)
    if record is None:
        return []
    notes, clean = quarantine(record.path, {(it.device, it.inode) for it in record.git_entries})
    if ended and record.since_ns is not None:
        notes += defuse(record.path, record.since_ns)
    if clean and ended:
        (directory / _FILE).unlink(missing_ok=True)
    return notes


def abandoned(sessions: Path, root: Path) -> list[Path]:
    """Stores beside each other in `sessions` whose process died with a sandbox that could write to `root`."""
    found: list[Path] = []
    for file in sorted(sessions.glob(f"*/{_FILE}")):
        record = _load(file.parent)
        owner = parse_owner(record.owner) if record else None
        if record and owner and not owner.lives():
            place = record.path
            if place.is_relative_to(root) or root.is_relative_to(place):
                found.append(file.parent)
    return found


def _load(directory: Path) -> _Record | None:
    try:
        return _Record.model_validate_json((directory / _FILE).read_bytes())
    except (FileNotFoundError, ValidationError):
        return None
