"""Apply a patch to the user's tree: all of it or nothing, on the raw bytes, without the user's git configuration."""

import asyncio
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

from sandboxes.errors import WorkspaceError
from sandboxes.tree.fastimport import decode_path
from sandboxes.tree.gitcmd import GitFailed, run_git
from sandboxes.tree.repository import find_repository
from sandboxes.tree.shadow import ShadowStore

_REASONS = (
    (re.compile(r"error: (.+): already exists in working directory"), "{} is there already, and the patch creates it"),
    (re.compile(r"error: (.+): No such file or directory"), "{} is gone, and the patch changes it"),
    (re.compile(r"error: (.+): does not exist in (?:index|working directory)"), "{} is gone, and the patch changes it"),
    (re.compile(r"error: (.+): wrong type"), "{} is now something other than the file or link that the patch changes"),
    (re.compile(r"error: invalid path '(.+)'"), "{} lies outside of the tree or in a .git"),
    (re.compile(r"error: affected file '(.+)' is beyond a symbolic link"), "{} lies behind a symbolic link"),
    (re.compile(r"error: (.+): patch does not apply"), "{} has changed meanwhile where the patch changes it"),
)


@dataclass(frozen=True, slots=True)
class ApplyOutcome:
    """`paths` are those that the patch touches; `problems` are sentences, empty exactly when it was applied."""

    applied: bool
    paths: tuple[str, ...]
    problems: tuple[str, ...] = ()


async def apply_patch(repo: Path, patch: bytes) -> ApplyOutcome:
    """Apply to the tree of the repository that `repo` lies in, or to the directory itself when there is none.

    HEAD, index, stash and hooks are not involved. Nothing is changed when any part does not fit.
    """
    if not patch.strip():
        return ApplyOutcome(applied=True, paths=())
    root = await asyncio.to_thread(_root, repo)
    with tempfile.TemporaryDirectory(prefix="qwright-apply-") as directory:
        # An empty private repository: its attributes outweigh those of the tree, so that no filter runs.
        store = ShadowStore(Path(directory))
        store.create()
        try:
            paths = await _touched(store, root, patch)
            await _git_apply(store, root, patch)
        except GitFailed as failure:
            return ApplyOutcome(applied=False, paths=(), problems=_sentences(failure.stderr))
    return ApplyOutcome(applied=True, paths=paths)


def _root(repo: Path) -> Path:
    if not repo.is_dir():
        raise WorkspaceError(f"{repo} is not a directory; name the directory that the patch is for.")
    repository = find_repository(repo.resolve())
    return repository.root if repository else repo.resolve()


async def _touched(store: ShadowStore, root: Path, patch: bytes) -> tuple[str, ...]:
    output = await _git_apply(store, root, patch, "--numstat", "-z")
    lines = (line.split(b"\t", 2)[-1] for line in output.split(b"\0") if line)
    return tuple(sorted({decode_path(line) for line in lines}))


async def _git_apply(store: ShadowStore, root: Path, patch: bytes, *options: str) -> bytes:
    arguments = ("apply", "--whitespace=nowarn", *options, "-")
    # The user's own settings keep guarding odd names (`git~1`, Unicode look-alikes of `.git`) on this tree.
    guards = ("-c", "core.protectHFS=true", "-c", "core.protectNTFS=true")
    return await run_git(*guards, *arguments, git_dir=store.git_dir, work_tree=root, cwd=root, stdin=patch)


def _sentences(stderr: str) -> tuple[str, ...]:
    sentences: dict[str, None] = {}
    for line in stderr.splitlines():
        for pattern, sentence in _REASONS:
            if found := pattern.fullmatch(line.strip()):
                sentences[sentence.format(found[1]) + "."] = None
                break
    return tuple(sentences) or (f"The patch does not apply: {stderr.strip()}.",)
