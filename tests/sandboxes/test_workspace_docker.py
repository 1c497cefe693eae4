"""The workspace over a real Docker engine: copies, bound trees with `.git` out of reach, repositories of an image."""

import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from sandboxes.container.sandbox import DockerSandbox
from sandboxes.protocol import Limits, SandboxSpec
from sandboxes.workspace import (
    HostSource,
    ImageSource,
    Workspace,
    WorkspacePlan,
    open_workspace,
    plan,
    remember_bound,
    reopen_workspace,
)
from tests.sandboxes.repositories import git, repository, tree, write

pytestmark = pytest.mark.docker
LIMITS = Limits(memory_bytes=512 * 1024**2, pids=256)


def spec(image: str, planned: WorkspacePlan) -> SandboxSpec:
    return SandboxSpec(image=image, workdir=planned.workdir, mounts=planned.mounts, user=planned.user, limits=LIMITS)


@asynccontextmanager
async def started(spec: SandboxSpec) -> AsyncGenerator[DockerSandbox]:
    sandbox = DockerSandbox(spec)
    await sandbox.start()
    try:
        yield sandbox
    finally:
        await sandbox.close()


async def shell(sandbox: DockerSandbox, command: str) -> str:
    result = await sandbox.run(command, timeout_s=30)
    return result.head.decode("utf-8", "surrogateescape")


async def make_changes(sandbox: DockerSandbox, workspace: Workspace) -> None:
    await shell(sandbox, "echo changed > a.py; rm b.py; ln -s a.py link; printf '\\0\\1' > data.bin; chmod +x run.sh")
    await shell(sandbox, "mkdir -p __pycache__ && touch __pycache__/a.pyc")
    assert await workspace.changed_paths() == ["a.py", "b.py", "data.bin", "link", "run.sh"]


FILES: dict[str, str | bytes] = {"a.py": "a\n", "b.py": "b\n", "run.sh": "echo\n", "ü \n": "odd\n"}


async def test_copy_restore_and_refill(docker_engine: str, tmp_path: Path) -> None:
    repo = repository(tmp_path / "repo", FILES, commits=3)
    write(repo, {"loose.py": "loose\n"})
    source = HostSource(repo)
    async with started(spec(docker_engine, plan(source))) as sandbox:
        workspace = await open_workspace(source, sandbox, tmp_path / "store")
        assert await shell(sandbox, "git status --porcelain; git log --oneline | wc -l") == "?? loose.py\n3\n"
        await make_changes(sandbox, workspace)
        patch = await workspace.patch()
        await workspace.restore(workspace.base)
        assert await shell(sandbox, "git status --porcelain") == "?? __pycache__/\n?? loose.py\n"
        await workspace.close()
    async with started(spec(docker_engine, plan(source))) as sandbox:
        workspace = await reopen_workspace(sandbox, tmp_path / "store", refill=True)
        assert await workspace.patch() == b""
        assert await shell(sandbox, "git status --porcelain") == "?? loose.py\n"
        await workspace.close()
    git(repo, "apply", "-", stdin=patch)
    assert tree(repo)["a.py"] == ("file", b"changed\n")


async def test_bind_keeps_git_out_of_reach(docker_engine: str, tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    repo = repository(tmp_path / "repo", FILES)
    repository(repo / "nested", {"n.py": "n\n"})
    before = tree(repo / ".git", dot_git=True)
    source = HostSource(repo, mode="bind")
    planned = plan(source)
    assert planned.bound
    remember_bound(tmp_path / "store", planned.bound)
    async with started(spec(docker_engine, planned)) as sandbox:
        workspace = await open_workspace(source, sandbox, tmp_path / "store")
        await workspace.ready()
        await make_changes(sandbox, workspace)
        assert "Read-only" in await shell(sandbox, "git config core.fsmonitor /x 2>&1; echo x > .git/hooks/pre-commit")
        assert "Read-only" in await shell(sandbox, "echo x >> nested/.git/config")
        assert await shell(sandbox, "git status --porcelain | head -1") != ""
        await shell(
            sandbox,
            f"mv nested aside; mkdir nested; git init -q nested; cd nested; git config core.fsmonitor 'touch {canary}'",
        )
        await shell(sandbox, "cd /workspace; rm -rf made; git init -q made")
        again = "while :; do mkdir -p /workspace/late/.git; done"
        await shell(sandbox, f"setsid sh -c '{again}' >/dev/null 2>&1 &")
        await workspace.restore(workspace.base)
        await workspace.close()
    await workspace.disarm()
    assert tree(repo / ".git", dot_git=True) == before
    assert (repo / "made/.git.from-sandbox").is_dir()
    assert (repo / "late/.git.from-sandbox").is_dir()
    assert not (repo / "late/.git").exists()
    assert not (repo / "nested/.git").exists()
    assert (repo / "aside/.git/config").is_file()
    assert (repo / "b.py").stat().st_uid == os.getuid()
    assert {path for path in tree(repo) if "/" not in path} == set(FILES)
    assert not canary.exists()


async def test_linked_worktree_bound(docker_engine: str, tmp_path: Path) -> None:
    repo = repository(tmp_path / "repo", FILES)
    git(repo, "worktree", "add", "-q", "-b", "topic", str(tmp_path / "linked"))
    source = HostSource(tmp_path / "linked", mode="bind")
    async with started(spec(docker_engine, plan(source))) as sandbox:
        workspace = await open_workspace(source, sandbox, tmp_path / "store")
        await workspace.ready()
        assert await shell(sandbox, "git status --porcelain -b") == "## topic\n"
        await make_changes(sandbox, workspace)
        assert "Read-only" in await shell(sandbox, f"echo x >> '{repo}/.git/config'")
        await workspace.close()


async def test_repository_of_the_image(docker_engine: str, tmp_path: Path) -> None:
    async with started(SandboxSpec(image=docker_engine, workdir="/testbed", limits=LIMITS)) as sandbox:
        await shell(sandbox, "git init -q; echo a > a.py; echo b > b.py; echo e > run.sh; git add .")
        await shell(sandbox, "mkdir x.egg-info; echo 1 > x.egg-info/P")
        workspace = await open_workspace(ImageSource("/testbed"), sandbox, tmp_path / "store")
        await workspace.ready()
        await shell(sandbox, "echo 2 > x.egg-info/P")
        await make_changes(sandbox, workspace)
        await workspace.close()
