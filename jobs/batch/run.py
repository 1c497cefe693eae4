"""A batch: its instances through the engine, its output folder kept right at every moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jobs.batch.engine import Engine
from jobs.batch.progress import Progress
from jobs.batch.rows import Instance
from jobs.batch.store import InstanceFolder, Status, write_predictions
from jobs.batch.workers import Room, run_all


@dataclass(frozen=True, slots=True)
class Batch:
    """`model_name` is what the predictions are signed with."""

    instances: Sequence[Instance]
    out: Path
    model_name: str

    def folder(self, instance: Instance) -> InstanceFolder:
        """Where an instance's results are."""
        return InstanceFolder(self.out / instance.instance_id)

    def to_do(self) -> list[Instance]:
        """All but the finished: what was cut off goes on, what the infrastructure ended runs again."""
        return [it for it in self.instances if not _finished(self.folder(it).status())]

    def statuses(self) -> list[Status]:
        """What is recorded so far."""
        found = (self.folder(it).status() for it in self.instances)
        return [status for status in found if status is not None]

    async def run(self, engine: Engine, room: Room, progress: Progress) -> None:
        """Run what is to do. Cancellation leaves everything resumable."""

        async def one(instance: Instance) -> None:
            folder = self.folder(instance)
            known = folder.status()
            if known is not None and known.exit_status == "infra":
                folder.set_aside()
            progress.begin(instance.instance_id)
            progress.end(await engine.run(instance, folder, progress.step))
            write_predictions(self.out, self.model_name, self._folders())

        write_predictions(self.out, self.model_name, self._folders())
        await run_all(self.to_do(), one, room)

    def _folders(self) -> list[InstanceFolder]:
        """Of these instances and of others that an earlier call ran into the same folder."""
        return [InstanceFolder(path.parent) for path in sorted(self.out.glob("*/status.json"))]


def _finished(status: Status | None) -> bool:
    return status is not None and status.exit_status in ("submitted", "limit", "failed")
