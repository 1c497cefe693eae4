"""The stock of images over a real engine, which pulls from a registry on this machine."""

import asyncio
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from jobs.batch.stock import Stock, StockRules
from sandboxes.container.errors import ImageMissing
from sandboxes.container.images import EngineImages, bytes_of
from tests.fakes.registry import Registry, registry

pytestmark = [pytest.mark.docker, pytest.mark.timeout(120)]
SIZE = 100_000


@pytest.fixture
def hub() -> Iterator[Registry]:
    with registry() as server:
        yield server


@pytest_asyncio.fixture
async def host(docker_engine: str) -> AsyncIterator[EngineImages]:
    images = EngineImages()
    yield images
    await images.close()


def official(hub: Registry, number: int) -> str:
    return hub.add(f"swebench/sweb.eval.x86_64.acme_1776_calc-{number}-{secrets.token_hex(3)}", SIZE + number)


async def test_pulled_images_go_and_those_from_before_stay(hub: Registry, host: EngineImages, tmp_path: Path) -> None:
    known, needed = official(hub, 1), official(hub, 2)
    await host.pull(known)
    stock = Stock(host, tmp_path / "images.json", StockRules(), Counter([known, needed]))
    assert await stock.missing() == [needed]
    for image in (known, needed):
        await stock.need(image, image)
    facts = await host.facts(needed)
    assert facts is not None
    assert SIZE < bytes_of([facts]) < SIZE + 20_000
    for image in (known, needed):
        await stock.done(image, image)
    assert await host.facts(needed) is None
    assert await host.facts(known) is not None
    assert await host.remove(known)


async def test_what_no_registry_has_is_a_sentence(hub: Registry, host: EngineImages, tmp_path: Path) -> None:
    name = official(hub, 3).replace("calc-3", "calc-404")
    with pytest.raises(ImageMissing, match=r"could not be pulled.*docker load"):
        await Stock(host, tmp_path / "images.json").need(name, "1")


async def test_a_cancelled_pull_ends_before_the_image_is_here(
    hub: Registry, host: EngineImages, tmp_path: Path
) -> None:
    name = official(hub, 4)
    hub.hold_back(name.split("/", 1)[1].removesuffix(":latest"))
    stock = Stock(host, tmp_path / "images.json")
    pulling = asyncio.create_task(stock.need(name, "1"))
    assert await asyncio.to_thread(hub.stalled.wait, 60)
    pulling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(pulling, 30)
    assert await host.facts(name) is None


async def test_free_room_of_the_engine_is_seen(host: EngineImages) -> None:
    free = await host.free_bytes()
    assert free is None or free > 0
