"""Disarm `.git` entries that a sandbox made in a bound tree: the user's own git would trust their configuration."""

import errno
import os
from pathlib import Path

from sandboxes.tree.fastimport import encode_path, fs_path
from sandboxes.tree.repository import git_entries
from sandboxes.tree.state import StoreState, unquote_path

SUFFIX = ".from-sandbox"


def quarantine(state: StoreState) -> list[str]:
    """Rename every `.git` that was not there at the start; returns a sentence for each. Blocking.

    Entries are known by inode, not by path: a directory may have been moved aside and a false one put in its place.
    """
    if state.kind != "bind" or state.root is None:
        return []
    root = Path(fs_path(unquote_path(state.root)))
    at_start = {(it.device, it.inode) for it in state.git_entries}
    notes: list[str] = []
    for entry in git_entries(root):
        if (entry.device, entry.inode) not in at_start:
            shown = encode_path(entry.path).decode("utf-8", "replace")
            try:
                name = _set_aside(root, entry.path)
            except OSError as error:
                notes.append(
                    f"The sandbox made {shown}, which your git would trust, and it cannot be renamed "
                    f"({error.strerror}); look into it before you run git in {root}."
                )
            else:
                notes.append(f"The sandbox made {shown}; it is now named {name}, so that your git does not trust it.")
    return notes


def _set_aside(root: Path, path: str) -> str:
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
