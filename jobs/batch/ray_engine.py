"""Instances spread over a Ray cluster, each node with its own Docker engine; everything is written by the driver."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import cast

from jobs.batch import ray_api
from jobs.batch.instance import OnStep, new_status
from jobs.batch.parcel import pack, unpack
from jobs.batch.ray_node import Board, Errand, Outfit, carry_out, steps_of
from jobs.batch.rows import Instance
from jobs.batch.store import InstanceFolder, Status

_logger = logging.getLogger(__name__)


@dataclass(slots=True)
class RayEngine:
    """Implements `Engine`. `cpus` is what Ray reserves for an instance, `lost_retries` how often a lost one goes anew.
    `most` counts the cluster as it was at the start.

    An instance goes out with its folder and comes back with it. A lost one starts where the driver's copy stands.
    """

    outfit: Outfit
    board: ray_api.Actor
    cpus: float
    lost_retries: int
    most: int
    say: Callable[[str], None]
    _on_step: dict[str, Callable[[int], None]] = field(default_factory=dict[str, Callable[[int], None]])

    async def run(self, instance: Instance, folder: InstanceFolder, on_step: OnStep) -> Status:
        """See `Engine`."""
        name = instance.instance_id
        known = folder.status()
        status = known if known is not None and known.exit_status == "running" else new_status(instance)
        # The session names a run; an instance may have several at once (attempts, policies).
        self._on_step[status.session_id] = lambda step: on_step(name, step)
        why = ""
        for lost in range(self.lost_retries + 1):
            status = status.model_copy(update={"attempts": status.attempts + (1 if lost else 0)})
            folder.record(status)
            try:
                return await self._errand(instance, status.session_id, folder)
            except ray_api.Lost as error:
                why = f"its node or process was lost ({error})"
                _logger.warning("%s: %s", name, why)
                self.say(f"{name}: {why}" + ("; it is given out again" if lost < self.lost_retries else ""))
            except ray_api.Broken as error:
                why = f"it could not be run on its node: {error}"
                break
        ended = status.model_copy(update={"exit_status": "infra", "detail": why})
        folder.finish(ended, b"")
        return ended

    def sharing(self, outfit: Outfit) -> "RayEngine":
        """The same cluster for runs of another outfit."""
        return replace(self, outfit=outfit)

    async def listen(self) -> None:
        """Pass on what the nodes tell, until cancelled."""
        while True:
            for run, step in steps_of(await ray_api.ask(self.board.news.remote())):
                if run in self._on_step:
                    self._on_step[run](step)

    async def _errand(self, instance: Instance, run: str, folder: InstanceFolder) -> Status:
        await ray_api.ask(self.board.begin.remote(run))
        errand = Errand(instance, await asyncio.to_thread(pack, folder), self.outfit)
        ref = ray_api.submit(carry_out, self.cpus, [errand, self.board])
        coming = asyncio.ensure_future(ray_api.result(ref))
        try:
            parcel = await asyncio.shield(coming)
        except asyncio.CancelledError:
            await asyncio.shield(self._call_back(run, ref, coming, folder))
            raise
        return await self._received(parcel, folder)

    async def _call_back(
        self, run: str, ref: ray_api.Ref, coming: "asyncio.Future[object]", folder: InstanceFolder
    ) -> None:
        """Let a node send back what it has; one that was never begun anywhere is called off.

        To call off what is begun would break it in the middle, with its log lost on the node.
        """
        with suppress(ray_api.Lost, ray_api.Broken):
            if not await ray_api.ask(self.board.stop.remote(run)):
                ray_api.call_off(ref)
            await self._received(await coming, folder)

    async def _received(self, parcel: object, folder: InstanceFolder) -> Status:
        if not isinstance(parcel, bytes):
            raise ray_api.Broken("the node sent no folder")
        await asyncio.to_thread(unpack, parcel, folder)
        status = folder.status()
        if status is None:
            raise ray_api.Broken("the node sent a folder without a status")
        return status


@asynccontextmanager
async def open_ray_engine(
    address: str, outfit: Outfit, cpus: float, lost_retries: int, say: Callable[[str], None]
) -> AsyncGenerator[RayEngine]:
    """Join the cluster for as long as the block lasts. Raises `BatchError`."""
    await asyncio.to_thread(ray_api.connect, address)
    try:
        nodes, all_cpus = ray_api.cluster_size()
        say(f"Ray: {nodes} nodes with {all_cpus:g} CPUs, {cpus:g} for each instance.")
        board = ray_api.spawn(Board, ray_api.this_node(), [outfit])
        engine = RayEngine(outfit, board, cpus, lost_retries, max(int(all_cpus / cpus), 1), say)
        async with asyncio.TaskGroup() as tasks:
            listening = tasks.create_task(engine.listen())
            try:
                yield engine
            finally:
                listening.cancel()
                for problem in await _closed(board):
                    say(problem)
    finally:
        await asyncio.to_thread(ray_api.disconnect)


async def _closed(board: ray_api.Actor) -> list[str]:
    try:
        problems = await ray_api.ask(board.close.remote())
    except (ray_api.Lost, ray_api.Broken) as error:
        return [f"The images on the nodes were not tidied up: {error}"]
    return list(cast("list[str]", problems))
