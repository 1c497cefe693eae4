"""Which files of a host tree belong to a copy: tracked ones and new ones that nothing ignores, as they are on disk.

Reading names is the only thing git does here: `ls-files` runs neither filters nor hooks. The tree is the user's own.
"""

import asyncio
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path

from sandboxes.errors import WorkspaceError
from sandboxes.tree.fastimport import decode_path, fs_path, storable
from sandboxes.tree.gitcmd import run_git
from sandboxes.tree.repository import Repository, find_repository


@dataclass(slots=True)
class HostFiles:
    """Paths relative to the root: `files` (regular files and links), `directories` without files, and left-outs."""

    files: dict[str, os.stat_result] = field(default_factory=dict[str, os.stat_result])
    directories: list[str] = field(default_factory=list[str])
    special: list[str] = field(default_factory=list[str])


async def user_excludes() -> Path | None:
    """The user's own ignore file (`core.excludesFile`, or git's default place for it), if there is one."""
    environment_home = os.environ.get("XDG_CONFIG_HOME") or os.path.join(Path.home(), ".config")
    default = Path(environment_home, "git", "ignore")
    output = b""
    for name in (Path(environment_home, "git", "config"), Path.home() / ".gitconfig"):
        if name.is_file():
            arguments = ("config", "--file", str(name), "--includes", "--type=path", "--get", "core.excludesFile")
            output = await run_git(*arguments, git_dir=None, expect=(0, 1, 128)) or output
    found = Path(decode_path(output.strip())) if output.strip() else default
    return found if found.is_file() else None


async def host_files(root: Path, repository: Repository | None, store: Path, excludes: Path | None) -> HostFiles:
    """Everything of a tree that belongs to a copy, submodules and repositories lying in it included.

    `store` is the private git directory that answers for a tree which is no repository.
    """
    found = HostFiles()
    pending = [("", root, repository.git_dir if repository else store, repository is not None)]
    while pending:
        prefix, work_tree, git_dir, tracked = pending.pop()
        names = await _list(work_tree, git_dir, excludes, tracked=tracked)
        directories = await asyncio.to_thread(_examine, root, [prefix + name for name in names], found)
        for directory in directories:
            nested = _nested_repository(root / fs_path(directory))
            if nested:
                pending.append((f"{directory}/", nested.root, nested.git_dir, True))
    return found


async def _list(work_tree: Path, git_dir: Path, excludes: Path | None, *, tracked: bool) -> list[str]:
    output = await run_git(
        *("-c", f"core.excludesFile={excludes or os.devnull}"),
        *("ls-files", "-z", "--others", "--exclude-standard", *(("--cached",) if tracked else ())),
        git_dir=git_dir,
        work_tree=work_tree,
    )
    return list(dict.fromkeys(decode_path(path.rstrip(b"/")) for path in output.split(b"\0")[:-1]))


def _nested_repository(directory: Path) -> Repository | None:
    try:
        nested = find_repository(directory)
    except WorkspaceError:
        return None
    return nested if nested and nested.root == directory else None


def _examine(root: Path, paths: list[str], found: HostFiles) -> list[str]:
    """Sort paths by kind, links not followed; what is gone or lies behind a link is no part. Returns directories."""
    prefix = os.path.join(os.fspath(root), "")
    plain: dict[str, bool] = {"": True}
    directories: list[str] = []
    for path in paths:
        if not storable(path) or not _plain_parents(prefix, path, plain):
            continue
        try:
            status = os.lstat(prefix + fs_path(path))
        except OSError:
            continue
        if stat.S_ISREG(status.st_mode) or stat.S_ISLNK(status.st_mode):
            found.files[path] = status
        elif stat.S_ISDIR(status.st_mode):
            directories.append(path)
        else:
            found.special.append(path)
    found.directories += directories
    return directories


def _plain_parents(prefix: str, path: str, known: dict[str, bool]) -> bool:
    """Whether every directory above a path is a real one; git's index may still list files below what is now a link."""
    parent = path.rpartition("/")[0]
    if parent not in known:
        known[parent] = _plain_parents(prefix, parent, known) and not os.path.islink(prefix + fs_path(parent))
    return known[parent]
