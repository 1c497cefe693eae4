"""A batch: its instances and its output folder, which is right at every moment; alone, or several side by side.

Several are one for each thinking policy, or one for each attempt. They are interleaved by instance, so that a server
that slows down, warms its cache or is shared with others treats all alike.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jobs.batch.engine import Engine
from jobs.batch.instance import OnStep
from jobs.batch.prediction_files import PredictionFiles
from jobs.batch.progress import Progress
from jobs.batch.rows import Instance
from jobs.batch.store import InstanceFolder, Status, is_finished
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
        """All but the finished: what was cut off goes on, what the infrastructure or a crash ended runs again."""
        return [it for it in self.instances if not is_finished(self.folder(it).status())]

    def statuses(self) -> list[Status]:
        """What is recorded so far."""
        found = (self.folder(it).status() for it in self.instances)
        return [status for status in found if status is not None]

    def going_on(self) -> list[Status]:
        """The sessions that were cut off and go on; one without a log begins anew, in another container."""
        return [
            status
            for status in self.statuses()
            if status.exit_status == "running" and InstanceFolder(self.out / status.instance_id).log.is_file()
        ]

    async def run_one(self, engine: Engine, instance: Instance, on_step: OnStep) -> Status:
        """Run one instance. Cancellation leaves it resumable."""
        folder = self.folder(instance)
        known = folder.status()
        match known and known.exit_status:
            case "infra" | "crashed" as ended:
                folder.set_aside(ended)
            case _:
                pass
        return await engine.run(instance, folder, on_step)

    async def run(self, engine: Engine, room: Room, progress: Progress) -> None:
        """Run what is to do. Cancellation leaves everything resumable."""
        await run_arms([Arm("", self, engine)], room, progress)

    def predictions(self) -> PredictionFiles:
        """The files of predictions, with those of all that is finished.

        Others that an earlier call ran into the same folder are among them. What the infrastructure or a crash ended is
        no prediction: a grader counts it as missing, not as a wrong answer.
        """
        patches: dict[str, bytes] = {}
        for path in sorted(self.out.glob("*/status.json")):
            folder = InstanceFolder(path.parent)
            status = folder.status()
            if status is not None and is_finished(status):
                patches[status.instance_id] = folder.patch()
        files = PredictionFiles(self.out, self.model_name)
        files.begin(patches)
        return files


@dataclass(frozen=True, slots=True)
class Arm:
    """One of the runs. `name` is also the name of its folder; "" for the only one."""

    name: str
    batch: Batch
    engine: Engine

    def title(self, instance: Instance) -> str:
        """What progress calls an instance of this run."""
        return f"{self.name}/{instance.instance_id}" if self.name else instance.instance_id


def interleaved(arms: Sequence[Arm]) -> list[tuple[Arm, Instance]]:
    """What is to do, instance by instance; who goes first changes from one to the next."""
    to_do = [{it.instance_id for it in arm.batch.to_do()} for arm in arms]
    work: list[tuple[Arm, Instance]] = []
    for number, instance in enumerate(arms[0].batch.instances if arms else ()):
        for at in range(len(arms)):
            turn = (number + at) % len(arms)
            if instance.instance_id in to_do[turn]:
                work.append((arms[turn], instance))
    return work


async def run_arms(arms: Sequence[Arm], room: Room, progress: Progress) -> None:
    """Run what is to do in all of them. Cancellation leaves everything resumable."""

    files = {arm.name: arm.batch.predictions() for arm in arms}

    async def one(item: tuple[Arm, Instance]) -> None:
        arm, instance = item
        name = arm.title(instance)
        progress.begin(name)
        status = await arm.batch.run_one(arm.engine, instance, lambda _, step: progress.step(name, step))
        if is_finished(status):
            files[arm.name].add(instance.instance_id, arm.batch.folder(instance).patch())
        progress.end(name, status)

    try:
        await run_all(interleaved(arms), one, room)
    finally:
        for each in files.values():
            each.end()
