"""Taking a workspace up again, concurrent and cancelled snapshots, notes."""

import asyncio
from pathlib import Path

import pytest

from sandboxes.errors import WorkspaceError
from sandboxes.local import LocalSandbox
from sandboxes.protocol import SandboxSpec, TreeChange
from sandboxes.workspace import HostSource, ImageSource, Workspace, open_workspace, reopen_workspace
from tests.sandboxes.repositories import git, opened, repository, tree, write


async def local(directory: Path) -> LocalSandbox:
    directory.mkdir(parents=True, exist_ok=True)
    sandbox = LocalSandbox(SandboxSpec(image="", workdir=str(directory)))
    await sandbox.start()
    return sandbox


async def test_refill_gives_a_fresh_sandbox_the_last_snapshot(tmp_path: Path) -> None:
    repo = repository(tmp_path / "repo", {"a": "1\n", "b": "1\n", "run": "x\n", ".gitignore": "*.log\n"}, commits=3)
    async with opened(HostSource(repo), tmp_path) as it:
        base = it.workspace.base
        write(it.tree, {"a": "2\n", "new": "n\n", "x.log": "left out"})
        (it.tree / "b").unlink()
        (it.tree / "run").chmod(0o755)
        (it.tree / "link").symlink_to("a")
        last = await it.workspace.snapshot("last")
        write(it.tree, {"a": "lost with the sandbox\n"})
        expected = {**tree(it.tree), "a": ("file", b"2\n")}
        del expected["x.log"]
    sandbox = await local(tmp_path / "second")
    workspace = await reopen_workspace(sandbox, it.store, refill=True)
    assert tree(tmp_path / "second") == expected
    assert git(tmp_path / "second", "log", "--format=%H") == git(repo, "log", "--format=%H")
    assert workspace.base == base
    assert await workspace.changed_paths(since=last) == []
    assert await workspace.changed_paths() == ["a", "b", "link", "new", "run"]
    await workspace.close()
    await sandbox.close()


async def test_without_refill_the_files_are_taken_as_they_are(tmp_path: Path) -> None:
    repo = repository(tmp_path / "repo", {"a": "1\n", "b": "1\n"})
    async with opened(HostSource(repo), tmp_path) as it:
        write(it.tree, {"a": "2\n"})
        await it.workspace.snapshot("one")
    write(it.tree, {"a": "3\n", "c": "1\n"})
    (it.tree / "b").unlink()
    # What a git that died with the machine leaves behind.
    (it.store / "snapshots.git" / "refs" / "heads" / "live.lock").touch()
    sandbox = await local(it.tree)
    workspace = await reopen_workspace(sandbox, it.store, refill=False)
    assert await workspace.changed_paths() == ["a", "b", "c"]
    await workspace.restore(workspace.base)
    assert tree(it.tree) == tree(repo)
    await workspace.close()
    await sandbox.close()


async def test_refill_of_an_image(tmp_path: Path) -> None:
    for name in ("testbed", "fresh"):
        repository(tmp_path / name, {"a": "1\n", "b": "1\n"})
        write(tmp_path / name, {"p.egg-info/x": "1"})
    async with opened(ImageSource(str(tmp_path / "testbed")), tmp_path) as it:
        write(it.tree, {"a": "2\n"})
        (it.tree / "b").unlink()
        await it.workspace.snapshot("one")
    sandbox = await local(tmp_path / "fresh")
    workspace = await reopen_workspace(sandbox, it.store, refill=True)
    assert await workspace.changed_paths() == ["a", "b"]
    assert (tmp_path / "fresh/p.egg-info/x").exists()
    await workspace.close()
    await sandbox.close()


async def test_a_store_without_a_start_is_a_sentence(tmp_path: Path) -> None:
    sandbox = await local(tmp_path / "tree")
    with pytest.raises(WorkspaceError, match="never completely opened"):
        await reopen_workspace(sandbox, tmp_path / "nothing", refill=False)
    await sandbox.close()


class SlowScan(LocalSandbox):
    """Announces a scan and holds it until told."""

    def __init__(self, spec: SandboxSpec) -> None:
        super().__init__(spec)
        self.scanning = asyncio.Event()
        self.go_on = asyncio.Event()
        self.go_on.set()

    async def scan(self) -> list[TreeChange]:
        changes = await super().scan()
        self.scanning.set()
        await self.go_on.wait()
        return changes


async def slow(tmp_path: Path) -> tuple[Workspace, SlowScan, Path]:
    repo = repository(tmp_path / "repo", {"a": "1\n"})
    inside = tmp_path / "inside"
    inside.mkdir()
    sandbox = SlowScan(SandboxSpec(image="", workdir=str(inside)))
    await sandbox.start()
    workspace = await open_workspace(HostSource(repo), sandbox, tmp_path / "store")
    await workspace.ready()
    return workspace, sandbox, inside


async def test_a_cancelled_snapshot_loses_nothing(tmp_path: Path) -> None:
    workspace, sandbox, inside = await slow(tmp_path)
    write(inside, {"a": "2\n"})
    sandbox.scanning.clear()
    sandbox.go_on.clear()
    snapshot = asyncio.create_task(workspace.snapshot("cancelled"))
    await sandbox.scanning.wait()
    snapshot.cancel()
    with pytest.raises(asyncio.CancelledError):
        await snapshot
    sandbox.go_on.set()
    assert await workspace.changed_paths() == ["a"]
    await workspace.close()
    await sandbox.close()


async def test_a_snapshot_cancelled_as_its_scan_ends_loses_nothing(tmp_path: Path) -> None:
    workspace, sandbox, inside = await slow(tmp_path)
    write(inside, {"a": "2\n"})
    sandbox.scanning.clear()
    sandbox.go_on.clear()
    snapshot = asyncio.create_task(workspace.snapshot("cancelled"))
    await sandbox.scanning.wait()
    sandbox.go_on.set()
    for _ in range(2):  # the scan has its answer now, and whoever waits for it has not been told
        await asyncio.sleep(0)
    snapshot.cancel()
    await asyncio.gather(snapshot, return_exceptions=True)
    assert await workspace.changed_paths() == ["a"]
    await workspace.close()
    await sandbox.close()


@pytest.mark.parametrize("delay_ms", [0, 2, 5, 10, 20])
async def test_cancelling_at_any_moment_leaves_the_store_valid(tmp_path: Path, delay_ms: int) -> None:
    workspace, sandbox, inside = await slow(tmp_path)
    for number in range(4):
        write(inside, {"a": f"{number} {delay_ms}\n", f"new{number}": "n\n"})
        snapshot = asyncio.create_task(workspace.snapshot("cancelled"))
        await asyncio.sleep((delay_ms + number) / 1000)
        snapshot.cancel()
        await asyncio.gather(snapshot, return_exceptions=True)
    assert await workspace.changed_paths() == ["a", "new0", "new1", "new2", "new3"]
    git(tmp_path / "store/snapshots.git", "fsck", "--strict", "--no-dangling")
    await workspace.close()
    await sandbox.close()


async def test_concurrent_snapshots_agree(tmp_path: Path) -> None:
    workspace, sandbox, inside = await slow(tmp_path)
    write(inside, {"a": "2\n"})
    ids = await asyncio.gather(*(workspace.snapshot(str(number)) for number in range(8)))
    assert len(set(ids)) == 1
    await workspace.close()
    await sandbox.close()


async def test_unknown_snapshots_are_sentences(tmp_path: Path) -> None:
    workspace, sandbox, _ = await slow(tmp_path)
    with pytest.raises(WorkspaceError, match="is no snapshot id"):
        await workspace.restore("--help")
    with pytest.raises(WorkspaceError, match="There is no snapshot"):
        await workspace.restore("0" * 40)
    await workspace.close()
    await sandbox.close()
