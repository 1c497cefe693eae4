"""Disarm `.git` entries that a sandbox made in a bound tree: the user's own git would trust their configuration."""

import errno
import os
from collections.abc import Set
from pathlib import Path

from sandboxes.tree.fastimport import encode_path, fs_path
from sandboxes.tree.repository import git_entries

SUFFIX = ".from-sandbox"
_LOOKS = 3


def quarantine(root: Path, at_start: Set[tuple[int, int]]) -> tuple[list[str], bool]:
    """Rename every `.git` whose device and inode were not there at the start, and look again. Blocking.

    Returns a sentence for each, and whether the last look found nothing more. Entries are known by inode, not by path:
    a directory may have been moved aside and a false one put in its place.
    """
    notes: list[str] = []
    for _ in range(_LOOKS):
        made = [it.path for it in git_entries(root) if (it.device, it.inode) not in at_start]
        if not made:
            return notes, True
        notes += [note for path in made if (note := _disarmed(root, path)) not in notes]
    if not any((it.device, it.inode) not in at_start for it in git_entries(root)):
        return notes, True
    return [*notes, f"There are still new .git entries in {root}; look into it before you run git there."], False


def _disarmed(root: Path, path: str) -> str:
    shown = encode_path(path).decode("utf-8", "replace")
    try:
        name = set_aside(root, path)
    except OSError as error:
        return (
            f"The sandbox made {shown}, which your git would trust, and it cannot be renamed "
            f"({error.strerror}); look into it before you run git in {root}."
        )
    return f"The sandbox made {shown}; it is now named {name}, so that your git does not trust it."


def set_aside(root: Path, path: str) -> str:
    """Rename without following a link anywhere on the way, as the tree may be changing; returns the new name."""
    *parents, name = fs_path(path).split("/")
    descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for parent in parents:
            below = os.open(parent, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=descriptor)
            os.close(descriptor)
            descriptor = below
        for number in range(1000):
            fresh = f"{name}{SUFFIX}" + (f".{number}" if number else "")
            if not _exists(fresh, descriptor):
                os.rename(name, fresh, src_dir_fd=descriptor, dst_dir_fd=descriptor)
                return fresh
    finally:
        os.close(descriptor)
    raise OSError(errno.EEXIST, "too many of its kind are there already")


def _exists(name: str, directory: int) -> bool:
    try:
        os.lstat(name, dir_fd=directory)
    except FileNotFoundError:
        return False
    return True
