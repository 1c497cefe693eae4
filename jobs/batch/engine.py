"""Where instances are run: on this machine, or spread over others. The output folder is always the driver's."""

import asyncio
import logging
import os
import traceback
from dataclasses import dataclass, replace
from typing import Protocol

from jobs.batch.instance import OnStep, Ways, first_error, new_status, run_instance
from jobs.batch.rows import Instance
from jobs.batch.spent import accounted
from jobs.batch.store import InstanceFolder, Status, replace_file

_logger = logging.getLogger(__name__)


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
        except Exception as crash:  # a front shows an error: this instance's is its status, and the others run on
            _logger.exception("%s crashed", instance.instance_id)
            return crashed(instance, folder, crash)
        finally:
            await asyncio.shield(self.ways.places.done(instance))


def crashed(instance: Instance, folder: InstanceFolder, crash: Exception) -> Status:
    """Record what a fault of ours ended; its traceback is in the folder."""
    first = first_error(crash)
    status = accounted(folder.status() or new_status(instance), folder)
    told = f"a fault of qwright's own ({type(first).__name__}: {first}); see crash.txt"
    replace_file(folder.crash, "".join(traceback.format_exception(crash)).encode("utf-8", "replace"))
    status = status.model_copy(update={"exit_status": "crashed", "detail": told})
    folder.record(status)
    return status


def machine_room() -> int:
    """Instances for which this machine has room: each compiles and tests in its container now and then."""
    return 2 * (os.cpu_count() or 1)
