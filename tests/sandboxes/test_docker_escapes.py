"""Processes that leave their session and clear their environment end with the command that started them."""

import asyncio
import secrets
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest

from sandboxes.container.sandbox import DockerSandbox
from sandboxes.protocol import Sandbox, SandboxSpec

pytestmark = pytest.mark.docker

# Detached as completely as a process can be: a session of its own, no environment, no parent.
DETACHED = "env -i setsid sh -c 'sh -c \"exec sleep {nap}\" </dev/null >/dev/null 2>&1 &'"
# It forks and ends for ever; whoever looks for it sees one that is gone already.
COMET = """
import os, signal
while True:
    if os.fork():
        os._exit(0)
    os.setsid()
    os.close(os.open('alive', os.O_CREAT | os.O_WRONLY))
    os.utime('alive')
"""


@pytest.fixture(params=["docker_engine", "image_without_python", "image_of_busybox"])
def image(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue(request.param))


@asynccontextmanager
async def _started(image: str) -> AsyncGenerator[DockerSandbox]:
    sandbox = DockerSandbox(SandboxSpec(image=image))
    await sandbox.start()
    try:
        yield sandbox
    finally:
        await sandbox.close()


def _nap() -> str:
    return str(secrets.randbelow(90_000) + 10_000)


async def _lives(sandbox: Sandbox, nap: str) -> int:
    look = f"cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' '\\n' | grep -c '^[{nap[0]}]{nap[1:]}$'"
    return int((await sandbox.run(look, timeout_s=20)).head)


async def test_a_timeout_ends_what_detached_itself_and_nothing_of_earlier_commands(image: str) -> None:
    early, job, late = _nap(), _nap(), _nap()
    async with _started(image) as sandbox:
        assert (await sandbox.run(DETACHED.format(nap=early), timeout_s=20)).exit_code == 0
        await sandbox.start_job(f"{DETACHED.format(nap=job)}; exec sleep {job}")
        await asyncio.sleep(0.3)
        result = await sandbox.run(f"{DETACHED.format(nap=late)}; {DETACHED.format(nap=late)}; cat", timeout_s=20)
        assert (result.exit_code, await _lives(sandbox, late)) == (0, 2)
        result = await sandbox.run(f"{DETACHED.format(nap=late + '7')}; echo up; sleep 600", timeout_s=1)
        assert result.timed_out
        assert result.head.startswith(b"up\n")
        assert await _lives(sandbox, late + "7") == 0
        assert [await _lives(sandbox, nap) for nap in (early, job, late)] == [1, 2, 2]


async def test_a_cancelled_command_takes_along_what_detached_itself(image: str) -> None:
    nap = _nap()
    async with _started(image) as sandbox:
        task = asyncio.create_task(sandbox.run(f"{DETACHED.format(nap=nap)}; touch there; sleep 600", timeout_s=600))
        await sandbox.run("while [ ! -e there ]; do sleep 0.05; done", timeout_s=20)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await _lives(sandbox, nap) == 0


@pytest.mark.parametrize("mark", ["${QWRIGHT_RUN%%.*}.1.", "nothing"])
async def test_a_mark_that_was_made_up_saves_nobody(docker_engine: str, mark: str) -> None:
    nap = _nap()
    async with _started(docker_engine) as sandbox:
        await sandbox.start_job("sleep 600")
        detached = f"env -i QWRIGHT_RUN={mark} setsid sh -c 'sleep {nap} &' >/dev/null 2>&1"
        assert (await sandbox.run(f"{detached}; sleep 600", timeout_s=1)).timed_out
        assert await _lives(sandbox, nap) == 0


async def test_a_process_that_forks_and_ends_for_ever_is_caught(docker_engine: str) -> None:
    async with _started(docker_engine) as sandbox:
        await sandbox.write_file("comet.py", COMET.encode())
        job = await sandbox.start_job("while :; do date +%s.%N >beat; sleep 0.05; done")
        run = "env -i setsid python3 comet.py >/dev/null 2>&1 & sleep 600"
        assert (await sandbox.run(run, timeout_s=2)).timed_out
        assert (await sandbox.run("rm -f alive; sleep 1; test -e alive", timeout_s=20)).exit_code == 1
        before = (await sandbox.read_file("beat")).data
        await asyncio.sleep(0.5)
        assert (await sandbox.read_file("beat")).data != before
        assert (await sandbox.poll_job(job.job_id)).state == "running"


async def test_orphans_are_buried(docker_engine: str) -> None:
    async with _started(docker_engine) as sandbox:
        await sandbox.run("for n in 1 2 3 4 5; do (setsid sleep 0.1 &); done; sleep 1", timeout_s=20)
        dead = await sandbox.run("cat /proc/[0-9]*/stat 2>/dev/null | grep -c ') Z '", timeout_s=20)
        assert dead.head == b"0\n"
