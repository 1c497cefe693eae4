"""A container whose owner is killed stops by itself, keeps its files, and is entered again by a resume."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncGenerator

import pytest
import pytest_asyncio

from sandboxes import docker
from sandboxes.container.reap import list_sandboxes, reap
from sandboxes.container.sandbox import DockerSandbox, reattach
from sandboxes.errors import SandboxGone
from sandboxes.protocol import SandboxSpec

pytestmark = pytest.mark.docker

_OWNER = """
import asyncio, sys
from sandboxes.container.sandbox import DockerSandbox
from sandboxes.protocol import SandboxSpec

async def main():
    sandbox = DockerSandbox(SandboxSpec(image=sys.argv[1], session_id=sys.argv[2]))
    await sandbox.start()
    await sandbox.start_job("sleep 7777")
    await sandbox.run("env -i setsid sleep 8888 >/dev/null 2>&1 & echo late >f; export KEPT=1; cd /usr", timeout_s=20)
    print(sandbox.container, flush=True)
    await sandbox.run("echo cut >/workspace/g; sleep 600", timeout_s=600)

asyncio.run(main())
"""


@pytest.fixture(params=["docker_engine", "image_without_python"])
def image(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue(request.param))


@pytest_asyncio.fixture
async def engine(docker_engine: str) -> AsyncGenerator[docker.Engine]:
    found = await docker.connect()
    yield found
    await found.close()


async def _abandoned(image: str, session: str) -> str:
    """Id of a container whose owner was killed with SIGKILL in the middle of a command."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _OWNER, image, session, stdout=asyncio.subprocess.PIPE, env=dict(os.environ)
    )
    assert process.stdout is not None
    container = (await process.stdout.readline()).decode().strip()
    await asyncio.sleep(0.5)
    process.send_signal(signal.SIGKILL)
    await process.wait()
    return container


async def _state(engine: docker.Engine, container: str) -> str:
    state = (await engine.inspect(container))["State"]
    assert isinstance(state, dict)
    return str(state["Status"])


async def test_it_stops_within_seconds_and_is_resumed_with_its_files(engine: docker.Engine, image: str) -> None:
    session = f"owner-{os.getpid()}-{image.partition(':')[0]}"
    container = await _abandoned(image, session)
    await engine.ended(container, 15)
    assert await _state(engine, container) == "exited"
    # A session that has just crashed finds its container when it is resumed, however many others start meanwhile.
    assert session not in [row.session_id for row in await reap(older_than_s=3600)]
    sandbox = await reattach(session)
    assert sandbox is not None
    try:
        assert sandbox.container == container
        kept = await sandbox.run("cat /workspace/f /workspace/g; echo end", timeout_s=20)
        assert kept.head == b"late\ncut\nend\n"
        left = await sandbox.run("cat /proc/[0-9]*/cmdline 2>/dev/null | grep -c -e '[7]777' -e '[8]888'", timeout_s=20)
        assert left.head == b"0\n"
    finally:
        await sandbox.close()
    assert session not in [row.session_id for row in await list_sandboxes()]


async def test_one_that_still_runs_is_stopped_before_it_gets_a_new_owner(engine: docker.Engine, image: str) -> None:
    session = f"hold-{os.getpid()}-{image.partition(':')[0]}"
    container = await _abandoned(image, session)
    sandbox = await reattach(session)
    assert sandbox is not None
    try:
        assert sandbox.container == container
        await asyncio.sleep(3)
        assert (await sandbox.run("echo on", timeout_s=20)).head == b"on\n"
    finally:
        await sandbox.close()


async def test_what_was_given_up_is_said_although_its_container_then_stops(docker_engine: str) -> None:
    sandbox = DockerSandbox(SandboxSpec(image=docker_engine))
    await sandbox.start()
    try:
        with pytest.raises(SandboxGone, match="no longer answers"):
            await sandbox.run("(sleep 17; kill -CONT $PPID) & kill -STOP $PPID", timeout_s=1)
        engine = await docker.connect()
        await engine.ended(sandbox.container, 15)
        await engine.close()
        with pytest.raises(SandboxGone, match="no longer answers"):
            await sandbox.stat("/")
    finally:
        await sandbox.close()
