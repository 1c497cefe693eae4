"""Runs of one instance side by side (policies, attempts) are users of their own of the image that they share."""

import asyncio
from collections import Counter
from pathlib import Path
from typing import Literal

import pytest

from jobs.batch.place import DockerPlaces
from jobs.batch.stock import GIB, Stock, StockRules
from sandboxes.errors import SandboxUnavailable
from sandboxes.protocol import Limits
from tests.fakes.images import FakeImages
from tests.jobs.places import instance

NAME = instance().container_image
REGISTRY = {NAME: [("base", GIB)], "other": [("other", GIB)]}


class NoFurther:
    """Implements `Images` by a stock; no container is started."""

    def __init__(self, stock: Stock) -> None:
        self.stock = stock

    async def need(self, image: str, user: str) -> None:
        await self.stock.need(image, user)
        raise SandboxUnavailable("as far as the image")

    async def done(self, image: str, user: str) -> None:
        await self.stock.done(image, user)


async def test_the_first_run_to_end_does_not_free_the_image_of_the_second(tmp_path: Path) -> None:
    host = FakeImages(REGISTRY)
    stock = Stock(host, tmp_path / "images.json", StockRules(2 * GIB), Counter([NAME, NAME, NAME]))
    images = NoFurther(stock)
    first, second = (DockerPlaces(Limits(), images) for _ in range(2))
    for places in (first, second):
        with pytest.raises(SandboxUnavailable, match="as far"):
            await places.fresh(instance(), "s", tmp_path)
    # A further try of the same run is no further user.
    with pytest.raises(SandboxUnavailable, match="as far"):
        await first.fresh(instance(), "s2", tmp_path)
    await first.done(instance())
    assert stock.idle() == []
    await second.done(instance())
    assert stock.idle() == [NAME]


class Doors(asyncio.Semaphore):
    """Lets one in, and notes who comes and goes."""

    def __init__(self, seen: list[str]) -> None:
        super().__init__(1)
        self._seen = seen

    async def acquire(self) -> Literal[True]:
        await super().acquire()
        self._seen.append("in")
        return True

    def release(self) -> None:
        self._seen.append("out")
        super().release()


class AllHere:
    """Implements `Images`: every image is here. `asked` is set when three were asked for."""

    def __init__(self) -> None:
        self.users: list[str] = []
        self.asked = asyncio.Event()

    async def need(self, image: str, user: str) -> None:
        self.users.append(user)
        if len(self.users) == 3:
            self.asked.set()

    async def done(self, image: str, user: str) -> None:
        return


async def test_places_are_made_one_after_the_other_and_images_are_waited_for_outside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Nobody listens there: each start fails at once, behind the door.
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:9")
    seen: list[str] = []
    doors, images = Doors(seen), AllHere()
    places = DockerPlaces(Limits(), images, starts=doors)
    async with asyncio.TaskGroup() as tasks, doors:
        made = [tasks.create_task(_failure(places, f"s{number}", tmp_path)) for number in range(3)]
        await images.asked.wait()
        assert seen == ["in"]
    assert len([it.result() for it in made]) == 3
    assert seen == ["in", "out"] * 4


async def _failure(places: DockerPlaces, session_id: str, store: Path) -> Exception:
    with pytest.raises(SandboxUnavailable) as caught:
        await places.fresh(instance(), session_id, store)
    return caught.value
