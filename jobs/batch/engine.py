"""Where instances are run: on this machine, or spread over others. The output folder is always the driver's."""

import asyncio
import os
from dataclasses import dataclass, replace
from typing import Protocol

from jobs.batch.instance import OnStep, Ways, run_instance
from jobs.batch.rows import Instance
from jobs.batch.store import InstanceFolder, Status


class Engine(Protocol):
    """Runs instances, any number at once."""

    async def run(self, instance: Instance, folder: InstanceFolder, on_step: OnStep) -> Status:
        """Run one to its end, or go on where `folder` says that it stood; what came out is in the folder.

        Whatever goes wrong with one instance becomes its status. Cancellation leaves it resumable.
        """
        ...


@dataclass(frozen=True, slots=True)
class LocalEngine:
    """Implements `Engine` in this process: instances wait for the server and their containers, hardly ever for it."""

    ways: Ways

    async def run(self, instance: Instance, folder: InstanceFolder, on_step: OnStep) -> Status:
        """See `Engine`."""
        try:
            return await run_instance(instance, folder, replace(self.ways, on_step=on_step))
        finally:
            await asyncio.shield(self.ways.places.done(instance))


def machine_room() -> int:
    """Instances for which this machine has room: each compiles and tests in its container now and then."""
    return 2 * (os.cpu_count() or 1)
