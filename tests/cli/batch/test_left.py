"""What a killed batch leaves on an engine: a container is spared only where its session goes on in it."""

import asyncio
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

from cli.batch.engine import Recipe
from jobs.batch.instance import new_status, session_prefix
from jobs.batch.run import Batch
from jobs.batch.stock import StockRules
from sandboxes import docker
from sandboxes.protocol import Limits
from tests.jobs.places import SETTINGS, instance

_OWNER = """
import asyncio, sys
from sandboxes.container.sandbox import DockerSandbox
from sandboxes.protocol import SandboxSpec

async def main():
    sandbox = DockerSandbox(SandboxSpec(image=sys.argv[1], session_id=sys.argv[2]))
    await sandbox.start()
    print(sandbox.container, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


def abandoned(image: str, session: str) -> str:
    """Id of a container whose owner was killed with -9."""
    with subprocess.Popen([sys.executable, "-c", _OWNER, image, session], stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        container = owner.stdout.readline().strip()
        owner.kill()
    return container


@pytest.mark.docker
@pytest.mark.timeout(120)
async def test_a_node_removes_the_container_of_the_session_that_it_takes_up(docker_engine: str) -> None:
    """The driver's log, which came along, may be older than what was done in that container."""
    given = instance(f"acme__calc-{secrets.token_hex(4)}")
    status = new_status(given)
    container = await asyncio.to_thread(abandoned, docker_engine, status.session_id)
    recipe = Recipe(SETTINGS, Limits(), 0, True, StockRules(), "batch")
    engine = await docker.connect()
    try:
        labels = ["qwright", f"qwright.session={status.session_id}"]
        assert [it["Id"] for it in await engine.containers(labels)] == [container]
        async with recipe.ways(given, status, NoImages()):
            assert await engine.containers(labels) == []
    finally:
        await engine.close()


class NoImages:
    async def need(self, image: str, user: str) -> None:
        return

    async def done(self, image: str, user: str) -> None:
        return


def test_only_sessions_with_a_log_go_on(tmp_path: Path) -> None:
    batch = Batch([instance(f"acme__calc-{number}") for number in range(3)], tmp_path, "m")
    for number, it in enumerate(batch.instances):
        folder = batch.folder(it)
        folder.record(new_status(it).model_copy(update={"exit_status": "submitted" if number == 2 else "running"}))
        if number != 1:
            folder.session.mkdir()
            folder.log.touch()
    (going_on,) = batch.going_on()
    assert going_on.session_id.startswith(session_prefix("acme__calc-0"))
