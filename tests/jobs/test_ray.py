"""A batch over a Ray cluster of three daemons on this machine: results, images by node, a node killed in the middle."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from jobs.batch.errors import BatchError
from jobs.batch.progress import Progress
from jobs.batch.ray_api import this_node
from jobs.batch.ray_engine import RayEngine, open_ray_engine
from jobs.batch.run import Batch
from jobs.batch.store import InstanceFolder
from jobs.batch.workers import Fixed
from tests.jobs.cluster import Cluster, Node, cluster
from tests.jobs.outfit import TestOutfit
from tests.jobs.places import instance, repository

pytestmark = pytest.mark.timeout(240)


@pytest.fixture(scope="module")
def nodes() -> Iterator[tuple[Cluster, list[Node]]]:
    with cluster(2) as made:
        yield made


@pytest.fixture
def outfit(tmp_path: Path) -> TestOutfit:
    repository(tmp_path / "source")
    return TestOutfit(tmp_path, this_node)


@pytest.fixture
def lines() -> list[str]:
    return []


@pytest_asyncio.fixture
async def engine(nodes: tuple[Cluster, list[Node]], outfit: TestOutfit, lines: list[str]) -> AsyncIterator[RayEngine]:
    async with open_ray_engine(nodes[0].address, outfit, 0.5, 2, lines.append) as opened:
        yield opened


async def run(engine: RayEngine, outfit: TestOutfit, *names: str, workers: int = 8) -> Batch:
    batch = Batch([instance(name) for name in names], outfit.folder / "out", "qwen-test")
    await batch.run(engine, Fixed(workers), Progress(len(names), lambda line: None))
    return batch


async def test_a_node_that_cannot_run_an_instance_is_told_and_nothing_is_retried(
    engine: RayEngine, outfit: TestOutfit
) -> None:
    (status,) = (await run(engine, outfit, "acme__calc-refuses-1")).statuses()
    assert (status.exit_status, status.attempts) == ("infra", 1)
    assert status.detail == "it could not be run on its node: BatchError: this node has another version"


async def test_what_was_never_begun_is_called_off(engine: RayEngine, outfit: TestOutfit) -> None:
    # Two nodes of two CPUs take eight halves; the ninth waits.
    names = [f"acme__calc-waits-{number}" for number in range(9)]
    running = asyncio.create_task(run(engine, outfit, *names, workers=9))
    await beginnings(outfit, 8, running)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    statuses = Batch([instance(name) for name in names], outfit.folder / "out", "qwen-test").statuses()
    assert [status.exit_status for status in statuses] == ["running"] * 9


async def test_what_a_node_has_begun_is_brought_back_however_late_its_news(
    engine: RayEngine, outfit: TestOutfit
) -> None:
    # Nobody listens to the board for this engine, as if all that the nodes tell were still under way.
    deaf = RayEngine(outfit, engine.board, 0.5, 0, 1, lambda line: None)
    running = asyncio.create_task(run(deaf, outfit, "acme__calc-waits-1"))
    await beginnings(outfit, 1, running)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    folder = InstanceFolder(outfit.folder / "out" / "acme__calc-waits-1")
    assert folder.log.is_file()


async def test_each_node_keeps_its_own_images_and_leaves_none(
    nodes: tuple[Cluster, list[Node]], tmp_path: Path, lines: list[str]
) -> None:
    repository(tmp_path / "source")
    names = ["acme__calc-1", "acme__calc-2"]
    registry = {instance(name).container_image: [("layer", 1)] for name in names}
    outfit = TestOutfit(tmp_path, this_node, registry)
    async with open_ray_engine(nodes[0].address, outfit, 2.0, 0, lines.append) as engine:
        batch = await run(engine, outfit, *names, "acme__calc-nowhere-3")
    assert [status.exit_status for status in batch.statuses()] == ["submitted", "submitted", "infra"]
    assert "no docker.io/swebench/sweb.eval.x86_64.acme_1776_calc-nowhere-3" in batch.statuses()[2].detail
    records = list(tmp_path.glob("images-*.json"))
    assert len(records) == 2
    assert all(json.loads(record.read_text()) == {"pulled": {}} for record in records)


async def test_without_a_cluster_there_is_a_sentence(outfit: TestOutfit) -> None:
    with pytest.raises(BatchError, match=r"No Ray cluster answers at 127\.0\.0\.1:1 .*ray start --head"):
        async with open_ray_engine("127.0.0.1:1", outfit, 0.5, 2, lambda line: None):
            pass


async def test_the_instances_of_a_killed_node_run_again_elsewhere_and_no_others(
    engine: RayEngine, outfit: TestOutfit, nodes: tuple[Cluster, list[Node]], lines: list[str]
) -> None:
    # The node that is left has room for all four halves of a CPU.
    names = [f"acme__calc-waits-{number}" for number in range(4)]
    running = asyncio.create_task(run(engine, outfit, *names))
    await beginnings(outfit, 4, running)
    made, workers = nodes
    victim = workers[0]
    on_victim = {name for name, node in outfit.ran() if node == victim.node_id}
    assert 0 < len(on_victim) < 4
    await asyncio.to_thread(made.remove_node, victim, False)
    await beginnings(outfit, 4 + len(on_victim), running)
    outfit.go.touch()
    batch = await running
    assert {it.instance_id: it.exit_status for it in batch.statuses()} == dict.fromkeys(names, "submitted")
    assert {it.instance_id for it in batch.statuses() if it.attempts == 2} == on_victim
    again = outfit.ran()[4:]
    assert {name for name, _ in again} == on_victim
    assert {node for _, node in again} == {workers[1].node_id}
    assert sum("was lost" in line and "given out again" in line for line in lines) == len(on_victim)
    predictions = json.loads((batch.out / "preds.json").read_text())
    assert all("+    return a + b" in it["model_patch"] for it in predictions.values())
    assert set(predictions) == set(names)


async def beginnings(outfit: TestOutfit, count: int, running: "asyncio.Task[Batch]") -> None:
    """Until so many runs have said where they are; other processes write that, so it has to be looked at."""
    while len(outfit.ran()) < count:
        assert not running.done(), running.result().statuses()
        await asyncio.sleep(0.05)
