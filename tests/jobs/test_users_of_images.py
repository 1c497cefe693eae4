"""Runs of one instance side by side (policies, attempts) are users of their own of the image that they share."""

from collections import Counter
from pathlib import Path

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
