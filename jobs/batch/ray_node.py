"""What runs on the machines of a Ray cluster: instances, each machine's images, and the board beside the driver."""

import asyncio
import tempfile
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, cast

from jobs.batch import ray_api
from jobs.batch.engine import LocalEngine
from jobs.batch.instance import Ways
from jobs.batch.parcel import pack_all, unpack
from jobs.batch.place import Images
from jobs.batch.rows import Instance
from jobs.batch.stock import Stock
from jobs.batch.store import InstanceFolder, Status
from sandboxes.errors import SandboxError, SandboxUnavailable


class Outfit(Protocol):
    """How instances are run on a node. Sent there, so it must be picklable, and its class installed there."""

    def stock(self) -> Stock | None:
        """The images of a node; asked once on each."""
        ...

    def ways(self, instance: Instance, status: Status, images: Images) -> AbstractAsyncContextManager[Ways]:
        """How this process runs an instance. Raises `BatchError` when it cannot."""
        ...


@dataclass(frozen=True, slots=True)
class Errand:
    """An instance with its folder so far."""

    instance: Instance
    parcel: bytes
    outfit: Outfit


class Keeper:
    """Actor, one on each node that has work: the images of that node."""

    def __init__(self, outfit: Outfit) -> None:
        self._stock = outfit.stock()

    async def need(self, image: str, user: str) -> str:
        """As `Stock.need`; gives the sentence of an error, "" when all is well."""
        try:
            if self._stock is not None:
                await self._stock.need(image, user)
        except SandboxError as error:
            return str(error)
        return ""

    async def done(self, image: str, user: str) -> None:
        """As `Stock.done`."""
        if self._stock is not None:
            await self._stock.done(image, user)

    async def close(self) -> None:
        """As `Stock.close`."""
        if self._stock is not None:
            await self._stock.close()


@dataclass(frozen=True, slots=True)
class NodeImages:
    """Implements `Images` by the keeper of this node, which all its processes share."""

    keeper: ray_api.Actor

    async def need(self, image: str, user: str) -> None:
        """See `Images`."""
        try:
            problem = await ray_api.ask(self.keeper.need.remote(image, user))
        except ray_api.Lost as error:
            raise SandboxUnavailable(f"The keeper of this node's images is gone: {error}") from error
        if problem:
            raise SandboxUnavailable(str(problem))

    async def done(self, image: str, user: str) -> None:
        """See `Images`."""
        try:
            await ray_api.ask(self.keeper.done.remote(image, user))
        except ray_api.Lost as error:
            raise SandboxUnavailable(f"The keeper of this node's images is gone: {error}") from error


class Board:
    """Actor beside the driver: steps are told to it, and it tells who shall stop."""

    def __init__(self, outfit: Outfit) -> None:
        self._outfit = outfit
        self._told: list[tuple[str, int]] = []
        self._news = asyncio.Event()
        self._stops: dict[str, asyncio.Event] = {}
        self._begun: set[str] = set()
        self._keepers: dict[str, ray_api.Actor] = {}

    async def tell(self, run: str, step: int) -> None:
        """A run (named by its session) is at a step."""
        self._told.append((run, step))
        self._news.set()

    async def news(self) -> list[tuple[str, int]]:
        """What was told since the last call; waits until there is something."""
        await self._news.wait()
        told, self._told = self._told, []
        self._news.clear()
        return told

    async def begin(self, run: str) -> None:
        """A run is given out: what was said of it before no longer holds."""
        self._stops[run] = asyncio.Event()
        self._begun.discard(run)

    async def take_up(self, run: str) -> bool:
        """Asked by a node before it does anything: whether the run is still wanted. From then on it is begun."""
        if self._stops.setdefault(run, asyncio.Event()).is_set():
            return False
        self._begun.add(run)
        return True

    async def stop(self, run: str) -> bool:
        """Let a run end where it is; whether a node has begun it. If not, none will."""
        self._stops.setdefault(run, asyncio.Event()).set()
        return run in self._begun

    async def stopped(self, run: str) -> None:
        """Wait until a run shall stop."""
        await self._stops.setdefault(run, asyncio.Event()).wait()

    async def keeper(self, node: str) -> ray_api.Actor:
        """The keeper of a node's images."""
        if node not in self._keepers:
            self._keepers[node] = ray_api.spawn(Keeper, node, [self._outfit])
        return self._keepers[node]

    async def close(self) -> list[str]:
        """Tidy up on all nodes; gives a sentence for each where that was not possible."""
        problems: list[str] = []
        for node, keeper in self._keepers.items():
            try:
                await ray_api.ask(keeper.close.remote())
            except (ray_api.Lost, ray_api.Broken) as error:
                problems.append(f"The images of node {node[:8]} were not tidied up: {error}")
        return problems


def carry_out(errand: Errand, board: ray_api.Actor) -> bytes:
    """Run an instance on this node, in this process; gives its folder. Interrupted ones come back resumable."""
    return asyncio.run(_carry_out(errand, board))


async def _carry_out(errand: Errand, board: ray_api.Actor) -> bytes:
    name = errand.instance.instance_id
    with tempfile.TemporaryDirectory(prefix="qwright-ray-") as scratch:
        folder = InstanceFolder(Path(scratch) / name)
        unpack(errand.parcel, folder)
        status = folder.status()
        if status is None:
            raise ValueError(f"the parcel of {name} has no status")

        run = status.session_id
        if not await ray_api.ask(board.take_up.remote(run)):
            return errand.parcel
        keeper = cast("ray_api.Actor", await ray_api.ask(board.keeper.remote(ray_api.this_node())))

        def tell(_: str, step: int) -> None:
            board.tell.remote(run, step)

        ways_here = errand.outfit.ways(errand.instance, status, NodeImages(keeper))
        async with ways_here as ways, asyncio.TaskGroup() as tasks:
            work = tasks.create_task(LocalEngine(ways).run(errand.instance, folder, tell))
            stop = tasks.create_task(_stop(board, run, work))
            work.add_done_callback(lambda _: stop.cancel())
        return pack_all(folder)


async def _stop(board: ray_api.Actor, run: str, work: "asyncio.Task[Status]") -> None:
    """End the work when the driver says so; it is recorded as interrupted."""
    await ray_api.ask(board.stopped.remote(run))
    work.cancel()


def steps_of(told: object) -> Sequence[tuple[str, int]]:
    """The answer of `Board.news`, with its type."""
    return cast("list[tuple[str, int]]", told)
