"""Commits of the agent's files: these files only, the user's identity, index and staged work kept, nothing run."""

import os
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sandboxes.errors import WorkspaceError
from sandboxes.tree.committing import commit_files, commitable
from sandboxes.tree.fastimport import FileBytes
from sandboxes.tree.shadow import ShadowStore


def git(root: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=root, check=True, capture_output=True, text=True).stdout


class Ground:
    """A repository whose tree stands in a store, too."""

    def __init__(self, folder: Path) -> None:
        self.root, self.store = folder / "repo", ShadowStore(folder / "store")
        self.root.mkdir()
        git(self.root, "init", "-q", "-b", "main")
        git(self.root, "config", "user.name", "Ada")
        git(self.root, "config", "user.email", "ada@example.org")
        for name in ("a.py", "b.py", "mine.txt"):
            (self.root / name).write_text(f"{name}\n")
        git(self.root, "add", "-A")
        git(self.root, "commit", "-q", "-m", "base")
        self.store.create()

    async def snapshot(self, parent: str | None = None) -> str:
        async def files() -> AsyncIterator[list[FileBytes]]:
            found = [path for path in self.root.rglob("*") if path.is_file() and ".git" not in path.parts]
            yield [FileBytes(str(path.relative_to(self.root)), 0o100644, path.read_bytes()) for path in found]

        return (await self.store.commit(None, "x", files())).commit


@pytest.fixture
def ground(tmp_path: Path) -> Ground:
    return Ground(tmp_path)


async def test_only_the_named_files_are_committed_and_the_rest_stays_as_it_was(ground: Ground) -> None:
    root = ground.root
    (root / "mine.txt").write_text("my uncommitted work\n")
    git(root, "add", "mine.txt")
    (root / "b.py").write_text("mine before\n")
    base = await ground.snapshot()
    (root / "a.py").write_text("agent\n")
    (root / "b.py").write_text("mine before, agent after\n")
    (root / "new dir").mkdir()
    (root / "new dir" / 'né"w.py').write_text("new\n")
    now = await ground.snapshot()
    paths = ["a.py", "b.py", 'new dir/né"w.py']
    found = await commitable(root, ground.store, base, now, [*paths, "untouched.py"])
    assert (found.paths, found.mixed) == (tuple(sorted(paths)), ("b.py",))
    made = await commit_files(root, ground.store, now, found.paths, "Change it\n\nBecause.")
    assert (
        git(root, "log", "-1", "--format=%H|%an|%ae|%B").strip() == f"{made}|Ada|ada@example.org|Change it\n\nBecause."
    )
    assert git(root, "-c", "core.quotePath=off", "show", "--name-only", "-z", "--format=").split("\0")[:-1] == sorted(
        paths
    )
    assert git(root, "status", "--short") == "M  mine.txt\n"
    assert git(root, "show", "HEAD:b.py") == "mine before, agent after\n"
    assert git(root, "for-each-ref", "--format=%(refname)").split() == ["refs/heads/main"]
    assert "commit: Change it" in git(root, "reflog", "-1")
    git(root, "fsck", "--strict")


async def test_a_deleted_file_and_a_first_commit(tmp_path: Path) -> None:
    ground = Ground(tmp_path)
    (ground.root / "a.py").unlink()
    now = await ground.snapshot()
    await commit_files(ground.root, ground.store, now, ["a.py"], "Remove")
    assert git(ground.root, "status", "--short") == ""
    assert "a.py" not in git(ground.root, "ls-tree", "--name-only", "HEAD").split()
    git(ground.root, "checkout", "-q", "--orphan", "empty")
    git(ground.root, "rm", "-rq", "--cached", ".")
    await commit_files(ground.root, ground.store, now, ["b.py"], "First")
    assert git(ground.root, "log", "--format=%s").split() == ["First"]


@pytest.mark.parametrize("case", ["hook", "hooks path", "signed", "filter", "merge", "line ends"])
async def test_what_git_would_do_more_is_refused_with_the_command(ground: Ground, case: str) -> None:
    root = ground.root
    (root / "a.py").write_bytes(b"agent\r\n" if case == "line ends" else b"agent\n")
    if case == "hook":
        hook = root / ".git/hooks/pre-commit"
        hook.parent.mkdir(exist_ok=True)
        hook.write_text("#!/bin/sh\ntouch ran\n")
        hook.chmod(0o755)
    elif case == "hooks path":
        git(root, "config", "core.hooksPath", ".husky")
    elif case == "signed":
        git(root, "config", "commit.gpgSign", "true")
    elif case == "filter":
        (root / ".gitattributes").write_text("*.py filter=evil\n")
    elif case == "merge":
        (root / ".git/MERGE_HEAD").write_text(git(root, "rev-parse", "HEAD"))
    else:
        (root / ".gitattributes").write_text("* text=auto\n")
    head = git(root, "rev-parse", "HEAD")
    with pytest.raises(WorkspaceError, match=r"Not committed: .*git add -A -- a\.py && git commit -m Message -- a\.py"):
        await commit_files(root, ground.store, await ground.snapshot(), ["a.py"], "Message")
    assert git(root, "rev-parse", "HEAD") == head
    assert not (root / "ran").exists()


async def test_nothing_of_a_hostile_configuration_runs(ground: Ground) -> None:
    """What a commit of git itself would start: file-system monitor, filters, a hook on every change of a ref."""
    root = ground.root
    trap = f"touch {root.parent}/trapped"
    git(root, "config", "core.fsmonitor", trap)
    git(root, "config", "filter.evil.clean", trap)
    hook = root / ".git/hooks/reference-transaction"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\n{trap}\n")
    hook.chmod(0o755)
    (root / "a.py").write_text("agent\n")
    await commit_files(root, ground.store, await ground.snapshot(), ["a.py"], "Message")
    assert not os.path.exists(root.parent / "trapped")
    assert (
        git(root, "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "log", "-1", "--format=%s")
        == "Message\n"
    )
