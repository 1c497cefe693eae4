"""What a hostile process inside a container tries against the runner beside it and the host behind that."""

import asyncio
import tarfile
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from sandboxes.container.plain_tree import sift
from sandboxes.container.reap import list_sandboxes
from sandboxes.container.sandbox import DockerSandbox
from sandboxes.errors import PathError, SandboxGone
from sandboxes.protocol import SandboxSpec

pytestmark = pytest.mark.docker


@asynccontextmanager
async def _started(spec: SandboxSpec) -> AsyncGenerator[DockerSandbox]:
    sandbox = DockerSandbox(spec)
    await sandbox.start()
    try:
        yield sandbox
    finally:
        await sandbox.close()


async def test_a_stopped_runner_is_given_up(docker_engine: str) -> None:
    sandbox = DockerSandbox(SandboxSpec(image=docker_engine, session_id="stopped"))
    await sandbox.start()
    other = asyncio.create_task(sandbox.run("sleep 600", timeout_s=600))
    started = time.monotonic()
    with pytest.raises(SandboxGone, match="no longer answers"):
        await sandbox.run("kill -STOP $PPID", timeout_s=1)
    assert time.monotonic() - started < 30
    with pytest.raises(SandboxGone):
        await asyncio.wait_for(other, 5)
    with pytest.raises(SandboxGone):
        await sandbox.stat("/")
    await asyncio.wait_for(sandbox.close(), 15)
    assert not [row for row in await list_sandboxes() if row.session_id == "stopped"]


@pytest.mark.parametrize("user", [None, "12345:12345"])
async def test_the_runners_descriptors_and_memory_are_closed_to_commands(docker_engine: str, user: str | None) -> None:
    async with _started(SandboxSpec(image=docker_engine, user=user)) as sandbox:
        result = await sandbox.run(
            "echo x >/proc/$PPID/fd/1; head -c 1 /proc/$PPID/mem; cat /proc/$PPID/environ", timeout_s=10
        )
        assert result.exit_code != 0
        assert (result.head + result.tail).lower().count(b"denied") == 3
        # Nobody above the runner holds its descriptors either: it was started from outside of the container.
        assert (await sandbox.run("cut -d ' ' -f 4 /proc/$PPID/stat", timeout_s=10)).head == b"0\n"
        assert (await sandbox.run("ls /proc/self/fd", timeout_s=10)).exit_code == 0
        written = await sandbox.write_file(f"{sandbox.workdir}/f", b"x", within=(sandbox.workdir,))
        assert written.size == 1


async def test_large_files_are_not_sent_at_once(docker_engine: str) -> None:
    async with _started(SandboxSpec(image=docker_engine)) as sandbox:
        await sandbox.run("truncate -s 3T sparse; truncate -s 64M fits; truncate -s 65M over", timeout_s=10)
        with pytest.raises(PathError, match="in pieces"):
            await sandbox.read_file("sparse")
        assert len((await sandbox.read_file("sparse", offset=5, limit=10)).data) == 10
        assert len((await sandbox.read_file("fits")).data) == 64 * 1024**2
        assert {change.path for change in await sandbox.scan()} == {"sparse", "fits", "over"}
        sparse, fits, over = await sandbox.read_tree(["sparse", "fits", "over"])
        assert (sparse.data, sparse.size, over.data, fits.size) == (None, 3 * 1024**4, None, 64 * 1024**2)


async def test_without_python_a_large_file_does_not_come_to_the_host(image_without_python: str) -> None:
    async with _started(SandboxSpec(image=image_without_python)) as sandbox:
        await sandbox.run("truncate -s 2G sparse; ln sparse again; echo small >small; ln small twice", timeout_s=10)
        sizes = {change.path: change.size for change in await sandbox.scan()}
        assert sizes == {"sparse": 2 * 1024**3, "again": 2 * 1024**3, "small": 6, "twice": 6}
        assert await sandbox.scan() == []
        read = {change.path: change.data for change in await sandbox.read_tree(list(sizes))}
        assert read == {"sparse": None, "again": None, "small": b"small\n", "twice": b"small\n"}
        with pytest.raises(PathError, match="in pieces"):
            await sandbox.read_file("sparse")


async def test_without_python_a_killed_watchdog_does_not_keep_the_host_waiting(image_without_python: str) -> None:
    async with _started(SandboxSpec(image=image_without_python)) as sandbox:
        with pytest.raises(SandboxGone, match="no longer answers"):
            await asyncio.wait_for(sandbox.run("kill -STOP $PPID; sleep 600", timeout_s=1), 40)
        with pytest.raises(SandboxGone, match="no longer answers"):
            await sandbox.stat("/")


def _tar(name: str, size: int) -> bytes:
    info = tarfile.TarInfo(f"work/{name}")
    info.size = size
    return info.tobuf() + bytes(size + -size % 512)


def test_archives_are_cut_by_size_and_time(tmp_path: Path) -> None:
    pieces = [_tar("a", 5000), _tar(".git/b", 50_000), _tar("c", 3000), bytes(10240)]
    sift(pieces, tmp_path / "fits.tar", most=20_000)
    with tarfile.open(tmp_path / "fits.tar") as tar:
        assert tar.getnames() == ["work/a", "work/c"]
    with pytest.raises(SandboxGone, match="holds more"):
        sift(pieces, tmp_path / "over.tar", most=7000)
    with pytest.raises(SandboxGone, match="did not arrive"):
        sift(pieces, tmp_path / "late.tar", within_s=-1)
