"""Commit files of a snapshot to the user's repository without looking at the tree that a sandbox can write.

Contents come from the private store, the commit is made by `git fast-import` on the git directory alone: no hook runs,
no filter, no signing program, and the work tree is not read. Where a plain `git commit` would do more than that, the
commit is refused with the command to run instead, so that nothing of it is left out in silence.
"""

import asyncio
import os
import re
import shlex
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sandboxes.errors import WorkspaceError
from sandboxes.tree.fastimport import FileBytes, batch_commands, encode_path
from sandboxes.tree.gitcmd import GitFailed, feed_git, run_git
from sandboxes.tree.repository import Repository, find_repository
from sandboxes.tree.shadow import Entry, ShadowStore

_TEMPORARY = "refs/qwright/commit"
_HOOKS = ("pre-commit", "prepare-commit-msg", "commit-msg", "post-commit")
_UNDER_WAY = ("MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "rebase-merge", "rebase-apply", "BISECT_LOG")
_CONVERTS = re.compile(rb"\b(filter|ident|working-tree-encoding)\b")
_LINE_ENDS = re.compile(rb"\b(text|eol|crlf)\b")


@dataclass(frozen=True, slots=True)
class Commitable:
    """Paths that differ from HEAD; `mixed` are those among them that had changes before the session began."""

    paths: tuple[str, ...]
    mixed: tuple[str, ...]


def repository_of(root: Path) -> Repository:
    """The repository of a bound tree; raises `WorkspaceError` when there is none."""
    found = find_repository(root.resolve())
    if found is None:
        raise WorkspaceError(f"{root} is no git repository; there is nothing to commit to. `git init` makes one.")
    return found


async def commitable(root: Path, store: ShadowStore, base: str, snapshot: str, paths: Sequence[str]) -> Commitable:
    """Which of these paths a commit of this snapshot would change."""
    repository = await asyncio.to_thread(repository_of, root)
    head = await _head_entries(repository)
    now, before = await _entries(store, snapshot), await _entries(store, base)
    differing = tuple(sorted(path for path in paths if _same(now.get(path), head.get(path)) is False))
    return Commitable(differing, tuple(path for path in differing if not _same(before.get(path), head.get(path))))


async def commit_files(root: Path, store: ShadowStore, snapshot: str, paths: Sequence[str], message: str) -> str:
    """Commit these paths as the snapshot has them; returns the id. Raises `WorkspaceError`; then nothing was done."""
    repository = await asyncio.to_thread(repository_of, root)
    git_dir = repository.git_dir
    entries = await _entries(store, snapshot)
    files = [await _file(store, path, entries.get(path)) for path in paths]
    await _require_plain(repository, store, entries, files, message)
    author, committer = await _identity(git_dir, "GIT_AUTHOR_IDENT"), await _identity(git_dir, "GIT_COMMITTER_IDENT")
    parent = (await run_git("rev-parse", "--verify", "--quiet", "HEAD", git_dir=git_dir, expect=(0, 1))).strip()

    async def stream() -> AsyncIterator[bytes]:
        text = message.strip().encode("utf-8", "replace") + b"\n"
        yield f"commit {_TEMPORARY}\nmark :1\nauthor {author}\ncommitter {committer}\ndata {len(text)}\n".encode()
        yield text
        yield b"from " + parent + b"\n" if parent else b""
        for piece in batch_commands(files):
            yield piece
        yield b"\nget-mark :1\ndone\n"

    options = ("--quiet", "--force", "--done", "--date-format=raw", "--cat-blob-fd=1")
    made = (await feed_git("fast-import", *options, git_dir=git_dir, chunks=stream())).decode().strip()
    subject = message.strip().splitlines()[0]
    try:
        old = parent.decode() or "0" * len(made)
        await run_git("update-ref", "-m", f"commit: {subject}", "HEAD", made, old, git_dir=git_dir)
    finally:
        await run_git("update-ref", "-d", _TEMPORARY, git_dir=git_dir)
    await _update_index(git_dir, made, paths)
    return made


async def _entries(store: ShadowStore, snapshot: str) -> dict[str, Entry]:
    return {entry.path: entry for entry in await store.entries(snapshot)}


def _same(one: Entry | None, other: Entry | None) -> bool:
    return (one and (one.mode, one.oid)) == (other and (other.mode, other.oid))


async def _head_entries(repository: Repository) -> dict[str, Entry]:
    head = ShadowStore(repository.git_dir)
    head.git_dir = repository.git_dir
    try:
        return {entry.path: entry for entry in await head.entries("HEAD")}
    except GitFailed:
        return {}


async def _file(store: ShadowStore, path: str, entry: Entry | None) -> FileBytes:
    if entry is None:
        return FileBytes(path, 0, None)
    return FileBytes(path, entry.mode, await run_git("cat-file", "blob", entry.oid, git_dir=store.git_dir))


async def _require_plain(
    repository: Repository, store: ShadowStore, entries: dict[str, Entry], files: Sequence[FileBytes], message: str
) -> None:
    """Raises `WorkspaceError` with the command to run where git itself would do more than store these bytes."""
    reason = await _more_than_plain(repository, store, entries, files)
    if reason:
        paths = " ".join(shlex.quote(file.path) for file in files)
        command = f"git add -A -- {paths} && git commit -m {shlex.quote(message.strip())} -- {paths}"
        raise WorkspaceError(f"Not committed: {reason}. Do it yourself, in {repository.root}: {command}")


async def _more_than_plain(
    repository: Repository, store: ShadowStore, entries: dict[str, Entry], files: Sequence[FileBytes]
) -> str:
    settings = await _user_settings(repository.git_dir)
    if doing := [name for name in _UNDER_WAY if (repository.git_dir / name).exists()]:
        return f"the repository is in the middle of something ({doing[0]})"
    hooks = [name for name in _HOOKS if os.access(repository.common_dir / "hooks" / name, os.X_OK)]
    if hooks or "core.hookspath" in settings:
        name = hooks[0] if hooks else settings["core.hookspath"]
        return f"your hooks ({name}) would have to run here, outside of the sandbox, on files that it can write"
    if settings.get("commit.gpgsign", "false").lower() in ("true", "yes", "on", "1", ""):
        return "your commits are signed (commit.gpgSign)"
    rules = [
        await run_git("cat-file", "blob", entry.oid, git_dir=store.git_dir)
        for path, entry in entries.items()
        if path.rpartition("/")[2] == ".gitattributes"
    ]
    own = repository.common_dir / "info" / "attributes"
    rules += [own.read_bytes()] if own.is_file() else []
    if any(_CONVERTS.search(rule) for rule in rules):
        return "git attributes here convert contents (filter, ident or working-tree-encoding)"
    ends = settings.get("core.autocrlf", "false").lower() != "false" or any(_LINE_ENDS.search(rule) for rule in rules)
    if ends and any(isinstance(file.data, bytes) and b"\r\n" in file.data for file in files):
        return "git would convert line ends of these files"
    return ""


async def _user_settings(git_dir: Path) -> dict[str, str]:
    """What decides how a commit is made, from the user's own configuration; reading it runs nothing."""
    wanted = "^(core\\.(hookspath|autocrlf)|commit\\.gpgsign)$"
    output = await _with_user_configuration("config", "-z", "--get-regexp", wanted, git_dir=git_dir, expect=(0, 1))
    pairs = (item.partition("\n") for item in output.split("\0") if item)
    return {key.lower(): value for key, _, value in pairs}


async def _identity(git_dir: Path, name: str) -> str:
    """`Name <address> seconds zone`, as git itself would write it."""
    return (await _with_user_configuration("var", name, git_dir=git_dir)).strip()


async def _with_user_configuration(*arguments: str, git_dir: Path, expect: Sequence[int] = (0,)) -> str:
    """`git config` and `git var` only: both read configuration and do nothing else."""
    process = await asyncio.create_subprocess_exec(
        *("git", "--no-pager", f"--git-dir={git_dir}", *arguments),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=git_dir,
    )
    output, errors = await process.communicate()
    if process.returncode not in expect:
        said = errors.decode("utf-8", "replace").strip().splitlines()
        raise WorkspaceError(f"git does not know who you are: {said[-1] if said else 'it said nothing'}")
    return output.decode("utf-8", "replace")


async def _update_index(git_dir: Path, commit: str, paths: Sequence[str]) -> None:
    """The user's index gets these paths as committed; what else is staged there stays."""
    output = await run_git("ls-tree", "-r", "-z", "--full-tree", commit, git_dir=git_dir)
    wanted = {encode_path(path) for path in paths}
    lines: dict[bytes, bytes] = {path: b"0 " + b"0" * len(commit) + b"\t" + path for path in wanted}
    for line in output.split(b"\0")[:-1]:
        meta, path = line.split(b"\t", 1)
        if path in wanted:
            mode, _, oid = meta.split(b" ")
            lines[path] = mode + b" " + oid + b"\t" + path
    try:
        await run_git("update-index", "-z", "--index-info", git_dir=git_dir, stdin=b"\0".join(lines.values()) + b"\0")
    except GitFailed as failed:
        raise WorkspaceError(
            f"Committed as {commit[:12]} at {time.strftime('%H:%M:%S')}, but your index could not be brought up to "
            f"date ({failed.stderr.strip()}); `git reset -q` does that."
        ) from failed
