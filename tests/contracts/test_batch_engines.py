"""One suite for the engines that run a batch's instances: this process, and a Ray cluster of two nodes."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio

from agent.log import SessionLog
from jobs.batch.engine import Engine, LocalEngine
from jobs.batch.instance import OnStep, new_status
from jobs.batch.ray_api import this_node
from jobs.batch.ray_engine import open_ray_engine
from jobs.batch.rows import Instance
from jobs.batch.store import InstanceFolder, Status
from tests.jobs.cluster import Cluster, cluster
from tests.jobs.outfit import TestOutfit
from tests.jobs.places import instance, repository

pytestmark = pytest.mark.timeout(180)


class Rig:
    def __init__(self, folder: Path, outfit: TestOutfit, engine: Engine) -> None:
        self.folder = folder
        self.outfit = outfit
        self.engine = engine
        self.steps: list[tuple[str, int]] = []
        self.detail = ""

    def out(self, name: str) -> InstanceFolder:
        return InstanceFolder(self.folder / "out" / name)

    async def run(self, name: str) -> str:
        def on_step(instance_id: str, step: int) -> None:
            self.steps.append((instance_id, step))

        status = await self.engine.run(instance(name), self.out(name), on_step)
        assert status == self.out(name).status()
        self.detail = status.detail
        return status.exit_status


class Here:
    """A `LocalEngine` for each run, with the ways that a node would have; the engine's own are the same for all."""

    def __init__(self, outfit: TestOutfit) -> None:
        self._outfit = outfit

    async def run(self, instance: Instance, folder: InstanceFolder, on_step: OnStep) -> Status:
        async with self._outfit.ways(instance, folder.status() or new_status(instance), NoImages()) as ways:
            return await LocalEngine(ways).run(instance, folder, on_step)


class NoImages:
    async def need(self, image: str, user: str) -> None:
        return

    async def done(self, image: str, user: str) -> None:
        return


@pytest.fixture(scope="module")
def ray_cluster() -> Iterator[Cluster]:
    with cluster(2) as (made, _):
        yield made


@pytest_asyncio.fixture(params=["local", "ray"])
async def rig(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Rig]:
    repository(tmp_path / "source")
    async with AsyncExitStack() as stack:
        if request.param == "ray":
            address = request.getfixturevalue("ray_cluster").address
            outfit = TestOutfit(tmp_path, this_node)
            engine: Engine = await stack.enter_async_context(
                open_ray_engine(address, outfit, 0.5, 2, lambda line: None)
            )
        else:
            outfit = TestOutfit(tmp_path)
            engine = Here(outfit)
        yield Rig(tmp_path, outfit, engine)


async def test_an_instance_is_fixed_and_its_folder_is_whole(rig: Rig) -> None:
    assert await rig.run("acme__calc-1") == "submitted"
    folder = rig.out("acme__calc-1")
    assert b"+    return a + b" in folder.patch()
    log = SessionLog.open(folder.log, create=False)
    assert [entry.kind for entry in log.entries()][-1] == "end"
    log.close()
    assert {path.name for path in folder.path.iterdir()} == {"status.json", "patch.diff", "trajectory.md", "session"}


async def test_steps_are_told(rig: Rig) -> None:
    await rig.run("acme__calc-1")
    # What a node tells comes beside the result and may come after it.
    for _ in range(200):
        if len(rig.steps) == 2:
            break
        await asyncio.sleep(0.05)
    assert rig.steps == [("acme__calc-1", 1), ("acme__calc-1", 2)]


async def test_what_the_infrastructure_ended_is_told_apart_after_its_retries(rig: Rig) -> None:
    assert await rig.run("acme__calc-breaks-1") == "infra"
    status = rig.out("acme__calc-breaks-1").status()
    assert status is not None
    assert (status.attempts, status.detail, status.patch_bytes) == (2, "no engine here", 0)


async def test_a_crash_of_ours_is_told_with_its_traceback(rig: Rig) -> None:
    assert await rig.run("acme__calc-crashes-1") == "crashed"
    assert "KeyError: 'ours'" in rig.detail
    assert "Traceback" in rig.out("acme__calc-crashes-1").crash.read_text()


async def test_several_at_once(rig: Rig) -> None:
    names = [f"acme__calc-{number}" for number in range(4)]
    assert await asyncio.gather(*(rig.run(name) for name in names)) == ["submitted"] * 4


async def test_a_cancelled_run_goes_on_from_its_log_with_its_files(rig: Rig) -> None:
    name = "acme__calc-waits-resumed-1"
    running = asyncio.create_task(rig.run(name))
    await came(rig, 1)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    folder = rig.out(name)
    stopped = folder.status()
    assert stopped is not None
    assert (stopped.exit_status, folder.log.is_file()) == ("running", True)
    assert await rig.run(name) == "submitted", rig.detail
    ended = folder.status()
    assert ended is not None
    assert (ended.session_id, ended.attempts, len(rig.outfit.ran())) == (stopped.session_id, 1, 1)
    assert b"+    return a + b" in folder.patch()


async def came(rig: Rig, count: int) -> None:
    """Until so many instances have said where they run."""
    while len(rig.outfit.ran()) < count:  # noqa: ASYNC110 -- other processes write the file
        await asyncio.sleep(0.05)
