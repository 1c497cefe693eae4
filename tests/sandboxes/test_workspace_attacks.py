"""A sandboxed process may write anything into its tree; none of it runs on the host or is followed by it.

Every trap touches the same canary file, which must not exist at the end.
"""

import os
from pathlib import Path

import pytest

from sandboxes.errors import WorkspaceError
from sandboxes.workspace import HostSource, plan
from tests.sandboxes.repositories import git, opened, repository, tree, write


def set_traps(directory: Path, canary: Path) -> None:
    """A repository whose configuration runs the trap on nearly everything that git can do."""
    trap = directory / "trap.sh"
    write(directory, {"trap.sh": f"#!/bin/sh\ntouch '{canary}'\ncat\n"})
    trap.chmod(0o755)
    if not (directory / ".git").exists():
        git(directory, "init", "-q")
    for key in ("core.fsmonitor", "core.pager", "diff.external", "core.sshCommand", "core.editor", "gpg.program"):
        git(directory, "config", key, str(trap))
    for key in (
        "filter.evil.clean",
        "filter.evil.smudge",
        "filter.evil.process",
        "diff.evil.textconv",
        "diff.evil.command",
    ):
        git(directory, "config", key, str(trap))
    git(directory, "config", "core.hooksPath", str(directory))
    hooks = {
        f".git/hooks/{name}": f"#!/bin/sh\ntouch '{canary}'\n"
        for name in ("post-index-change", "pre-commit", "post-checkout")
    }
    write(directory, {**hooks, ".gitattributes": "* filter=evil diff=evil\n", "x": "x\n"})
    for name in hooks:
        (directory / name).chmod(0o755)


async def test_copy(tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    repo = repository(tmp_path / "repo", {"a": "1\n"})
    async with opened(HostSource(repo), tmp_path) as it:
        set_traps(it.tree, canary)
        write(it.tree, {"nested/y": "y\n"})
        set_traps(it.tree / "nested", canary)
        write(it.tree, {"a": "2\n"})
        changed = await it.workspace.changed_paths()
        assert "a" in changed
        assert not any(".git/" in path for path in changed)
        await it.workspace.patch()
        await it.workspace.restore(it.workspace.base)
    assert not canary.exists()


async def test_bind_sets_made_repositories_aside(tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    repo = repository(tmp_path / "repo", {"a": "1\n", "sub/b": "1\n"})
    own = repository(repo / "own", {"o": "1\n"})
    async with opened(HostSource(repo, mode="bind"), tmp_path) as it:
        set_traps(repo / "sub", canary)
        (own / ".git").rename(own / "aside")
        set_traps(own, canary)
        await it.workspace.patch()
    assert (repo / ".git").is_dir()
    assert (repo / "sub/.git.from-sandbox").is_dir()
    assert not (repo / "sub/.git").exists()
    assert (own / ".git.from-sandbox").is_dir()
    assert [note for note in it.workspace.notes if "now named .git" in note] == [
        "The sandbox made own/.git; it is now named .git.from-sandbox, so that your git does not trust it.",
        "The sandbox made sub/.git; it is now named .git.from-sandbox, so that your git does not trust it.",
    ]
    assert not canary.exists()


async def test_plain_directory_that_becomes_a_repository(tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    plain = tmp_path / "plain"
    write(plain, {"a": "1\n"})
    async with opened(HostSource(plain, mode="bind"), tmp_path) as it:
        set_traps(plain, canary)
        assert "x" in await it.workspace.changed_paths()
    assert not (plain / ".git").exists()
    assert not canary.exists()


async def test_links_are_not_followed_out_of_the_tree(tmp_path: Path) -> None:
    write(tmp_path / "secret", {"key": "SECRET\n"})
    repo = repository(tmp_path / "repo", {"a": "1\n", "dir/f": "1\n"})
    async with opened(HostSource(repo), tmp_path) as it:
        (it.tree / "a").unlink()
        (it.tree / "a").symlink_to(tmp_path / "secret/key")
        (it.tree / "dir/f").unlink()
        (it.tree / "dir").rmdir()
        (it.tree / "dir").symlink_to(tmp_path / "secret")
        patch = await it.workspace.patch()
        assert b"SECRET" not in patch
        assert b"new file mode 120000" in patch
        await it.workspace.restore(it.workspace.base)
        assert tree(it.tree) == tree(repo)
    assert tree(tmp_path / "secret") == {"key": ("file", b"SECRET\n")}


async def test_rules_that_are_links_or_directories(tmp_path: Path) -> None:
    write(tmp_path / "outside", {"rules": "*\n"})
    repo = repository(tmp_path / "repo", {"a": "1\n"})
    async with opened(HostSource(repo), tmp_path) as it:
        (it.tree / ".gitignore").symlink_to(tmp_path / "outside/rules")
        write(it.tree, {"b": "b\n", "odd/.gitignore/.gitignore": "*\n", "odd/c": "c\n"})
        assert {".gitignore", "b", "odd/c"} <= set(await it.workspace.changed_paths())
        (it.tree / ".gitignore").unlink()
        write(it.tree, {".gitignore": "b2\n", "b2": "x"})
        assert "b2" not in await it.workspace.changed_paths()


@pytest.mark.parametrize(
    "name", ["a\nM 100644 inline b\ndata 1\nx", ":(exclude)*", "--output=x", "\x01\x7f", ".GIT/config"]
)
async def test_names_cannot_become_commands(tmp_path: Path, name: str) -> None:
    repo = repository(tmp_path / "repo", {"keep": "1\n"})
    async with opened(HostSource(repo), tmp_path) as it:
        target = os.path.join(it.tree, name)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        Path(target).write_text("x\n")
        changed = await it.workspace.changed_paths()
        assert changed == ([] if ".GIT" in name else [name])
        await it.workspace.restore(it.workspace.base)
        assert (it.tree / "keep").read_text() == "1\n"


@pytest.mark.parametrize("place", [".git", "lib/.git", "lib/.GIT"])
def test_a_linked_dot_git_is_never_mounted(tmp_path: Path, place: str) -> None:
    secret = repository(tmp_path / "secret", {"key": "SECRET\n"})
    plain = tmp_path / "plain"
    write(plain, {"a": "1\n", "lib/b": "1\n"})
    (plain / place).symlink_to(secret / ".git" if place == ".git" else secret)
    with pytest.raises(WorkspaceError, match=r"\.(git|GIT)"):
        plan(HostSource(plain, mode="bind"))


def test_a_dot_git_that_is_a_pipe_is_never_mounted(tmp_path: Path) -> None:
    repo = repository(tmp_path / "repo", {"lib/b": "1\n"})
    os.mkfifo(repo / "lib/.git")
    with pytest.raises(WorkspaceError, match="neither a file nor a directory"):
        plan(HostSource(repo, mode="bind"))


async def test_links_in_a_hostile_git_directory_bring_nothing_along(tmp_path: Path) -> None:
    write(tmp_path / "home", {"key": "SECRET\n", "info/exclude": "SECRET\n", "info/sparse-checkout": "SECRET\n"})
    repo = repository(tmp_path / "repo", {"a": "1\n"})
    (repo / ".git/info/exclude").unlink()
    (repo / ".git/info/exclude").symlink_to(tmp_path / "home/key")
    os.mkfifo(repo / ".git/sharedindex.2")
    other = repository(tmp_path / "other", {"a": "1\n"})
    (other / ".git/info").rename(other / ".git/aside")
    (other / ".git/info").symlink_to(tmp_path / "home/info")
    for number, source in enumerate((repo, other)):
        async with opened(HostSource(source), tmp_path / str(number)) as it:
            assert not any(b"SECRET" in content for _, content in tree(it.tree, dot_git=True).values())
            assert b"SECRET" not in (it.store / "snapshots.git/info/exclude").read_bytes()


@pytest.mark.parametrize("kind", ["git file", "link", "commondir", "objects", "index", "refs/heads/main"])
def test_a_foreign_repository_is_refused(tmp_path: Path, kind: str) -> None:
    private = repository(tmp_path / "private", {"key": "SECRET\n"})
    git(private, "worktree", "add", "-q", str(tmp_path / "its-own"))
    hostile = repository(tmp_path / "hostile", {"a": "1\n"})
    (hostile / ".git").rename(hostile / "aside")
    match kind:
        case "git file":
            write(hostile, {".git": f"gitdir: {private}/.git/worktrees/its-own\n"})
        case "link":
            (hostile / ".git").symlink_to(private / ".git")
        case "commondir":
            write(hostile, {".git/HEAD": "ref: refs/heads/main\n", ".git/commondir": f"{private}/.git\n"})
            write(hostile, {".git/gitdir": f"{hostile}/.git\n"})
        case _:
            (hostile / "aside").rename(hostile / ".git")
            (hostile / ".git" / kind).rename(hostile / "aside")
            (hostile / ".git" / kind).symlink_to(private / ".git" / kind)
    for mode in ("copy", "bind"):
        with pytest.raises(WorkspaceError, match=r"does not know of|a link to"):
            plan(HostSource(hostile, mode=mode))
    assert plan(HostSource(tmp_path / "its-own", mode="bind")).mounts


def test_a_git_directory_kept_elsewhere_by_its_user(tmp_path: Path) -> None:
    repo = tmp_path / "repo"
    repo.mkdir()
    git(repo, "init", "-q", "--separate-git-dir", str(tmp_path / "kept"))
    with pytest.raises(WorkspaceError, match=r"run `git config core.worktree"):
        plan(HostSource(repo))
    git(repo, "config", "core.worktree", str(repo))
    plan(HostSource(repo))
