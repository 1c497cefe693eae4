"""Where a path's repository is, and which `.git` entries a tree holds: file reads only, no git process."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sandboxes.errors import WorkspaceError


@dataclass(frozen=True, slots=True)
class Repository:
    """A checked-out repository: its root, its git directory and the directory that its worktrees share."""

    root: Path
    git_dir: Path
    common_dir: Path


@dataclass(frozen=True, slots=True)
class GitEntry:
    """A `.git` file or directory of a tree and the identity of what stands there."""

    path: str
    device: int
    inode: int


def looks_like_git_dir(path: Path) -> bool:
    """Whether git would take the directory for a repository's own (git's `is_git_directory`)."""
    common = _common_dir(path)
    return (path / "HEAD").is_file() and (common / "objects").is_dir() and (common / "refs").is_dir()


def find_repository(path: Path) -> Repository | None:
    """The repository that the path lies in, or None; raises `WorkspaceError` for a bare or a broken one."""
    for directory in (path, *path.parents):
        dot_git = directory / ".git"
        if dot_git.is_file() or dot_git.is_dir():
            git_dir = _follow(dot_git)
            if looks_like_git_dir(git_dir):
                return Repository(directory, git_dir, _common_dir(git_dir))
            if dot_git.is_file():
                problem = f"{dot_git} points to {git_dir}, which is not a git directory"
                raise WorkspaceError(f"{problem}; repair it with `git worktree repair`.")
        elif looks_like_git_dir(directory):
            message = f"{directory} is a bare repository and has no files to work on; clone it and name the clone."
            raise WorkspaceError(message)
    return None


def git_entries(root: Path) -> list[GitEntry]:
    """Every `.git` file or directory of a tree, links not followed, sorted; what is inside of them is not visited."""
    return sorted(_walk_git_entries(root), key=lambda entry: entry.path)


def _walk_git_entries(root: Path) -> Iterator[GitEntry]:
    pending = [""]
    while pending:
        below = pending.pop()
        try:
            entries = list(os.scandir(root / below))
        except OSError:
            continue
        for entry in entries:
            path = f"{below}{entry.name}"
            if entry.name.lower() == ".git":
                status = entry.stat(follow_symlinks=False)
                yield GitEntry(path, status.st_dev, status.st_ino)
            elif entry.is_dir(follow_symlinks=False):
                pending.append(path + "/")


def _follow(dot_git: Path) -> Path:
    if dot_git.is_dir():
        return dot_git.resolve()
    try:
        text = dot_git.read_text("utf-8", "surrogateescape")
    except OSError as error:
        raise WorkspaceError(f"{dot_git} cannot be read: {error.strerror}.") from error
    if not text.startswith("gitdir:"):
        raise WorkspaceError(f"{dot_git} is not a git file: it does not begin with `gitdir:`.")
    return (dot_git.parent / text.removeprefix("gitdir:").strip()).resolve()


def _common_dir(git_dir: Path) -> Path:
    try:
        text = (git_dir / "commondir").read_text("utf-8", "surrogateescape")
    except OSError:
        return git_dir
    return (git_dir / text.strip()).resolve()
