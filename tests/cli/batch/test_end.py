"""What a batch says at its end of instances that are not finished."""

import json
from pathlib import Path

import pytest

from cli.batch.arms import Conclusion, Plan
from cli.batch.command import not_finished, run_and_conclude
from jobs.batch.errors import BatchError
from jobs.batch.instance import OnStep
from jobs.batch.progress import Progress
from jobs.batch.rows import GradedInstance, Instance
from jobs.batch.run import Arm, Batch
from jobs.batch.stock import Stock
from jobs.batch.store import ExitStatus, InstanceFolder, Status
from jobs.batch.workers import Fixed
from sandboxes.protocol import Limits
from tests.fakes.images import FakeImages
from tests.jobs.places import LocalPlaces, instance


@pytest.mark.parametrize(
    ("ends", "words"),
    [
        (("submitted", "limit"), []),
        (("infra", "submitted"), ["1 were ended by the infrastructure"]),
        (("crashed", "crashed"), ["2 crashed by a fault of qwright's own"]),
        (("crashed", "infra"), ["1 were ended by the infrastructure", "1 crashed"]),
    ],
)
def test_why_some_are_not_finished(tmp_path: Path, ends: tuple[ExitStatus, ...], words: list[str]) -> None:
    batch = Batch([instance(f"a__b-{number}") for number in range(len(ends))], tmp_path, "q")
    for one, end in zip(batch.instances, ends, strict=True):
        batch.folder(one).record(Status(instance_id=one.instance_id, exit_status=end, session_id="s"))
    said = list(not_finished([batch]))
    assert len(said) == len(words)
    assert all(word in sentence and "runs them again" in sentence for word, sentence in zip(words, said, strict=True))


class Breaks:
    """Implements `Engine`: what comes of one instance cannot even be recorded."""

    async def run(self, instance: Instance, folder: InstanceFolder, on_step: OnStep) -> Status:
        if instance.instance_id == "a__b-1":
            raise OSError(28, "No space left on device")
        status = Status(instance_id=instance.instance_id, exit_status="submitted", session_id="s", patch_bytes=2)
        folder.finish(status, b"p\n")
        return status


async def test_what_cannot_be_recorded_ends_neither_the_others_nor_grading_and_reports(tmp_path: Path) -> None:
    said: list[str] = []
    batch = Batch([instance(f"a__b-{number}") for number in range(3)], tmp_path, "q")
    plan = Plan("single", tmp_path, {"": tmp_path})
    places = LocalPlaces(tmp_path, tmp_path)
    stock = Stock(FakeImages({}), tmp_path / "images.json")
    end = Conclusion(plan, batch.instances, "q", places, stock, Limits(), Fixed(2), 1, said.append)
    asked: list[bool] = []

    def graded() -> list[GradedInstance]:
        asked.append(True)
        return []

    faults: list[str] = []
    await run_and_conclude([Arm("", batch, Breaks())], Fixed(2), Progress(3, said.append), end, graded, faults)
    assert (len(asked), [it.instance_id for it in batch.to_do()]) == (1, ["a__b-1"])
    assert set(json.loads((tmp_path / "preds.json").read_text())) == {"a__b-0", "a__b-2"}
    (fault,) = faults
    assert "No space left on device" in fault
    assert fault in said

    def gone() -> list[GradedInstance]:
        raise BatchError("The rows rows.jsonl cannot be read.")

    await run_and_conclude([], Fixed(2), Progress(0, said.append), end, gone, faults)
    assert faults[1:] == ["Not graded: The rows rows.jsonl cannot be read."]
    (tmp_path / "run.json").write_text("{}")
    assert "2 submitted" in Path(end.report([])).read_text()
