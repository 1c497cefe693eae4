"""What a workspace is made from, and what the sandbox must be given for it before it starts."""

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sandboxes.errors import WorkspaceError
from sandboxes.protocol import Mount
from sandboxes.tree.fastimport import fs_path
from sandboxes.tree.repository import GitEntry, Repository, find_repository, git_entries


@dataclass(frozen=True, slots=True)
class HostSource:
    """A repository or plain directory of this machine.

    `copy`: its files are copied in, the result is a patch, the tree here is never touched. `bind`: the tree itself is
    shown in the sandbox, `.git` read-only. `depth` is how many generations of commits a copy brings along.
    """

    path: Path
    mode: Literal["copy", "bind"] = "copy"
    depth: int = 50


@dataclass(frozen=True, slots=True)
class ImageSource:
    """A repository that the image brings along, at `workdir` (SWE-bench images: `/testbed`)."""

    workdir: str


Source = HostSource | ImageSource


@dataclass(frozen=True, slots=True)
class Bound:
    """A bound tree and its `.git` entries as they were before any sandbox could write to it."""

    root: Path
    entries: tuple[GitEntry, ...]


@dataclass(frozen=True, slots=True)
class WorkspacePlan:
    """What a `SandboxSpec` needs for a source.

    `cwd` is where commands should start: `workdir`, or a directory in it when the path named a subdirectory. `user`
    is "uid:gid" or None for the image's user. `notes` are sentences for the user. `bound` is for `remember_bound`,
    which must have it before the sandbox starts; None unless the tree is bound.
    """

    mounts: tuple[Mount, ...]
    workdir: str
    cwd: str
    user: str | None = None
    notes: tuple[str, ...] = ()
    bound: Bound | None = None


def plan(source: Source, *, workdir: str = "/workspace", in_place: bool = False) -> WorkspacePlan:
    """Mounts, work directory and user for a source; reads directories, starts nothing.

    `in_place` is for a backend that cannot mount: a bound tree is then worked on where it is, and nothing guards its
    `.git`. Raises `WorkspaceError` when the path is missing, is no directory, or is a bare repository.
    """
    if isinstance(source, ImageSource):
        return WorkspacePlan((), source.workdir, source.workdir)
    path, repository, notes = locate(source)
    root = repository.root if repository else path
    below = path.relative_to(root).as_posix()
    in_place = in_place and source.mode == "bind"
    workdir = str(root) if in_place else workdir
    cwd = workdir if below == "." else f"{workdir}/{below}"
    if source.mode == "copy":
        return WorkspacePlan((), workdir, cwd, None, notes)
    user = f"{os.getuid()}:{os.getgid()}"
    entries = git_entries(root)
    mounts = () if in_place else _bind_mounts(root, repository, entries, workdir)
    return WorkspacePlan(mounts, workdir, cwd, user, notes, Bound(root, tuple(entries)))


def locate(source: HostSource) -> tuple[Path, Repository | None, tuple[str, ...]]:
    """The source's path with links resolved, its repository if it has one, and what the user should know of it."""
    if not source.path.is_dir():
        reason = "is not a directory" if source.path.exists() else "does not exist"
        raise WorkspaceError(f"{source.path} {reason}; name the directory of a repository.")
    path = source.path.resolve()
    repository = find_repository(path)
    if repository is None:
        return path, None, (f"{path} is not a git repository; all of its files that no .gitignore names are used.",)
    if repository.root != path:
        return path, repository, (f"{path} is inside the repository {repository.root}; the whole repository is used.",)
    return path, repository, ()


def _bind_mounts(root: Path, repository: Repository | None, entries: list[GitEntry], workdir: str) -> tuple[Mount, ...]:
    mounts = [Mount(root, workdir)]
    for entry in entries:
        source = root / fs_path(entry.path)
        _require_plain(source)
        mounts.append(Mount(source, f"{workdir}/{entry.path}", read_only=True))
    if repository and not repository.common_dir.is_relative_to(root):
        mounts.append(Mount(repository.common_dir, str(repository.common_dir), read_only=True))
    if repository and not any(repository.git_dir.is_relative_to(it) for it in (root, repository.common_dir)):
        mounts.append(Mount(repository.git_dir, str(repository.git_dir), read_only=True))
    for mount in mounts:
        if mount.host.resolve() != mount.host:
            raise WorkspaceError(f"{mount.host} was replaced by a link while it was being looked at; try again.")
    return tuple(mounts)


def _require_plain(dot_git: Path) -> None:
    """Raise `WorkspaceError` for a `.git` that is a link or no file at all: an engine follows a link that it mounts."""
    mode = os.lstat(dot_git).st_mode
    if not (stat.S_ISDIR(mode) or stat.S_ISREG(mode)):
        kind = f"a link to {os.readlink(dot_git)}" if stat.S_ISLNK(mode) else "neither a file nor a directory"
        raise WorkspaceError(
            f"{dot_git} is {kind}; a bound tree would show what is behind it in the sandbox. "
            f"Remove it, or work on a copy of the tree."
        )
