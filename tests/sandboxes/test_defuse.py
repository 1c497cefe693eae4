"""Bare repositories and set-id programs that a sandbox leaves in a bound tree do nothing on the host."""

import asyncio
import os
import subprocess
import time
from pathlib import Path

import pytest

from sandboxes.container.sandbox import DockerSandbox
from sandboxes.protocol import SandboxSpec
from sandboxes.tree.defuse import defuse, is_bare
from sandboxes.workspace import HostSource, open_workspace, plan, remember_bound
from tests.sandboxes.repositories import git, opened, repository, write


def set_trap(directory: Path, canary: Path) -> None:
    """A bare repository whose configuration names the tree around it, so that `git status` inside runs a program."""
    directory.mkdir(parents=True, exist_ok=True)
    git(directory.parent, "init", "-q", "--bare", str(directory))
    trap = directory / "trap.sh"
    trap.write_text(f"#!/bin/sh\ntouch '{canary}'\n")
    trap.chmod(0o755)
    for key, value in (("core.bare", "false"), ("core.worktree", ".."), ("core.fsmonitor", str(trap))):
        git(directory, "config", "--file", "config", key, value)
    for key in ("core.pager", "log.showSignature", "gpg.program", "core.sshCommand"):
        git(directory, "config", "--file", "config", key, "true" if key == "log.showSignature" else str(trap))


def run_git(directory: Path) -> None:
    """What a user may type there; without the machine's own configuration, whatever comes of it."""
    environment = os.environ | {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"}
    for command in (["status"], ["log"], ["diff"], ["-c", "safe.directory=*", "status"], ["add", "-A", "-n", "."]):
        subprocess.run(["git", *command], cwd=directory, env=environment, capture_output=True, check=False)


def test_the_trap_works(tmp_path: Path) -> None:
    set_trap(tmp_path / "plain/x.git", tmp_path / "canary")
    run_git(tmp_path / "plain/x.git")
    assert (tmp_path / "canary").exists()


@pytest.mark.parametrize("place", ["x.git", "deep/er/data", "new/.git"])
async def test_a_bare_repository_in_a_bound_tree_is_disarmed(tmp_path: Path, place: str) -> None:
    canary = tmp_path / "canary"
    repo = repository(tmp_path / "repo", {"a": "1\n"})
    async with opened(HostSource(repo, mode="bind"), tmp_path) as it:
        set_trap(repo / place, canary)
        await it.workspace.patch()
    kept = repo / place
    kept = kept if kept.exists() else kept.with_name(".git.from-sandbox")
    run_git(kept)
    assert not canary.exists()
    assert not (kept / "HEAD").exists()
    assert (kept / "HEAD.from-sandbox").exists()
    assert any(f"{place.partition('/')[0]}" in note and "from-sandbox" in note for note in it.workspace.notes)
    if place == "x.git":
        # The way back that the note names.
        (kept / "HEAD.from-sandbox").rename(kept / "HEAD")
        run_git(kept)
        assert canary.exists()


@pytest.mark.parametrize("how", ["config", "hook", "HEAD", "commondir"])
def test_the_users_own_counts_once_it_was_changed(tmp_path: Path, how: str) -> None:
    git(tmp_path, "init", "-q", "--bare", "own.git")
    own = tmp_path / "own.git"
    time.sleep(0.1)
    since = time.time_ns()
    assert defuse(tmp_path, since) == []
    assert (own / "HEAD").exists()
    match how:
        case "config":
            stat = (own / "config").stat()
            (own / "config").write_text("[core]\n\tfsmonitor = x\n")
            os.utime(own / "config", ns=(stat.st_atime_ns, stat.st_mtime_ns))
        case "hook":
            (own / "hooks/pre-commit").write_text("x")
        case "HEAD":
            (own / "HEAD").unlink()
            (own / "HEAD").symlink_to("refs/heads/main")
        case _:
            (own / "refs").rmdir() if not any((own / "refs").iterdir()) else (own / "refs").rename(own / "gone")
            (own / "commondir").write_text("..\n")
    [note] = defuse(tmp_path, since)
    assert "own.git" in note
    assert not os.path.lexists(own / "HEAD")


def test_what_counts_as_a_repository() -> None:
    assert is_bare(["HEAD", "objects", "refs", "x"])
    assert is_bare(["head", "Objects", "REFS"])
    assert is_bare(["HEAD", "commondir"])
    assert not is_bare(["HEAD", "objects"])
    assert not is_bare(["objects", "refs", "commondir"])


async def test_set_id_bits_made_in_the_sandbox_go(tmp_path: Path) -> None:
    repo = repository(tmp_path / "repo", {"own": "1\n", "a": "1\n"})
    (repo / "own").chmod(0o4755)
    await asyncio.sleep(0.1)
    async with opened(HostSource(repo, mode="bind"), tmp_path) as it:
        made = await it.sandbox.run("cp /bin/true d; chmod 6755 d; chmod u+s a; mkdir s; chmod g+s s", timeout_s=20)
        assert made.exit_code == 0
    assert ((repo / "d").stat().st_mode & 0o7777, (repo / "a").stat().st_mode & 0o7000) == (0o755, 0)
    assert (repo / "own").stat().st_mode & 0o7777 == 0o4755
    assert (repo / "s").stat().st_mode & 0o2000
    assert len([note for note in it.workspace.notes if "set-id" in note]) == 2


@pytest.mark.docker
async def test_from_a_container(docker_engine: str, tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    repo = repository(tmp_path / "repo", {"a": "1\n"})
    planned = plan(HostSource(repo, mode="bind"))
    assert planned.bound
    remember_bound(tmp_path / "store", planned.bound)
    sandbox = DockerSandbox(SandboxSpec(image=docker_engine, mounts=planned.mounts, user=planned.user))
    await sandbox.start()
    workspace = await open_workspace(HostSource(repo, mode="bind"), sandbox, tmp_path / "store")
    write(repo, {"fsmonitor.sh": f"#!/bin/sh\ntouch '{canary}'\n"})
    script = "git init -q --bare e && cd e && git config core.bare false && git config core.worktree .. && "
    done = await sandbox.run(
        f"{script}git config core.fsmonitor {repo}/fsmonitor.sh; chmod 4755 ../fsmonitor.sh", timeout_s=20
    )
    assert done.exit_code == 0
    await workspace.close()
    await sandbox.close()
    await workspace.disarm()
    run_git(repo / "e")
    assert not canary.exists()
    assert (repo / "fsmonitor.sh").stat().st_mode & 0o7777 == 0o755
