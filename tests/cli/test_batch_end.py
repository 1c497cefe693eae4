"""What a batch says at its end of instances that are not finished."""

from pathlib import Path

import pytest

from cli.batch_command import not_finished
from jobs.batch.run import Batch
from jobs.batch.store import ExitStatus, Status
from tests.jobs.places import instance


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
