"""Where a path's repository is, and which `.git` entries a tree holds: file reads only, no git process."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sandboxes.errors import WorkspaceError
from sandboxes.tree.plainfile import read_plain

_OWN_FILES = ("HEAD", "commondir", "config", "index", "objects", "objects/info", "objects/pack", "packed-refs", "refs")


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
    """The repository that the path lies in, or None.

    Raises `WorkspaceError` for a bare or a broken one, and for one elsewhere that does not know of this tree: a `.git`
    that somebody else wrote could name any private repository of the user.
    """
    for directory in (path, *path.parents):
        dot_git = directory / ".git"
        if dot_git.is_file() or dot_git.is_dir():
            git_dir = _follow(dot_git)
            if looks_like_git_dir(git_dir):
                found = Repository(directory, git_dir, _common_dir(git_dir))
                _require_belonging(found)
                return found
            if dot_git.is_file():
                problem = f"{dot_git} points to {git_dir}, which is not a git directory"
                raise WorkspaceError(f"{problem}; repair it with `git worktree repair`.")
        elif looks_like_git_dir(directory):
            message = f"{directory} is a bare repository and has no files to work on; clone it and name the clone."
            raise WorkspaceError(message)
    return None


def _require_belonging(repository: Repository) -> None:
    """A git directory outside of its tree must point back to it, as worktrees, submodules and `core.worktree` do."""
    root, git_dir, common_dir = repository.root, repository.git_dir, repository.common_dir
    shared = git_dir != common_dir
    if git_dir.is_relative_to(root) and common_dir.is_relative_to(root) and not _behind_link(git_dir):
        return
    if shared:
        text = _text(git_dir / "gitdir")
        known = bool(text) and git_dir.parent == common_dir / "worktrees"
        known = known and (git_dir / text.strip()).parent.resolve() == root
        advice = "repair it with `git worktree repair`"
    else:
        known = any((git_dir / it).resolve() == root for it in _worktree_settings(_text(git_dir / "config")))
        advice = f"run `git config core.worktree {root}` there"
    if known and not _behind_link(git_dir) and not _behind_link(common_dir):
        return
    raise WorkspaceError(
        f"{root / '.git'} stands for the repository {git_dir if not shared else common_dir}, which does not know of "
        f"{root} or has links in place of its own files, so it is not used. If both are yours, {advice}."
    )


def _behind_link(git_dir: Path) -> bool:
    """Whether something in a git directory that says which objects it has, or names one, is a link."""
    if any((git_dir / name).is_symlink() for name in _OWN_FILES):
        return True
    if any(shared.is_symlink() for shared in git_dir.glob("sharedindex.*")):
        return True
    return any(
        os.path.islink(os.path.join(folder, name))
        for folder, directories, names in os.walk(git_dir / "refs")
        for name in (*directories, *names)
    )


def _worktree_settings(config: str) -> list[str]:
    """Values of `core.worktree`, loosely read: a value counts only if it names the very tree that is asked about."""
    values = re.findall(r"^[ \t]*worktree[ \t]*=[ \t]*(.*?)[ \t]*$", config, re.MULTILINE | re.IGNORECASE)
    return [re.sub(r"\\(.)", r"\1", value.strip('"')) for value in values]


def _text(path: Path) -> str:
    found = read_plain(path)
    return found[0].decode("utf-8", "surrogateescape") if found else ""


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
                try:
                    status = entry.stat(follow_symlinks=False)
                except FileNotFoundError:
                    continue
                yield GitEntry(path, status.st_dev, status.st_ino)
            elif entry.is_dir(follow_symlinks=False):
                pending.append(path + "/")


def _follow(dot_git: Path) -> Path:
    if dot_git.is_dir():
        return dot_git.resolve()
    text = _text(dot_git)
    if not text.startswith("gitdir:"):
        raise WorkspaceError(f"{dot_git} is not a git file: it does not begin with `gitdir:`.")
    return (dot_git.parent / text.removeprefix("gitdir:").strip()).resolve()


def _common_dir(git_dir: Path) -> Path:
    text = _text(git_dir / "commondir")
    return (git_dir / text.strip()).resolve() if text else git_dir
