"""The predictions of a batch: right from the first on, whole at the end, and not written anew for each of hundreds."""

import json
from pathlib import Path

from jobs.batch.prediction_files import PredictionFiles
from jobs.batch.predictions import load_predictions


def names(path: Path) -> list[str]:
    return [it.instance_id for it in load_predictions(path)]


def test_both_files_are_right_after_each_of_the_first(tmp_path: Path) -> None:
    files = PredictionFiles(tmp_path, "q")
    files.begin({})
    assert json.loads((tmp_path / "preds.json").read_text()) == {}
    for number in range(12):
        files.add(f"a__b-{number}", b"+\xe4\xf6 patch\n")
        expected = [f"a__b-{at}" for at in range(number + 1)]
        assert names(tmp_path / "preds.json") == names(tmp_path / "preds.jsonl") == expected


def test_a_batch_of_hundreds_writes_flat_and_ends_whole(tmp_path: Path) -> None:
    patch, count = b"+" * 1000 + b"\n", 500
    files = PredictionFiles(tmp_path, "q")
    files.begin({})
    inodes: list[int] = []
    written = 0
    for number in range(count):
        files.add(f"a__b-{number}", patch)
        # Every finished instance is in the lines at once.
        assert (tmp_path / "preds.jsonl").read_bytes().count(b"\n") == number + 1
        found = (tmp_path / "preds.json").stat()
        if not inodes or found.st_ino != inodes[-1] or found.st_size != written:
            inodes.append(found.st_ino)
            written = found.st_size
        assert len(names(tmp_path / "preds.json")) >= 0.94 * (number + 1) if number in (50, 150, 400) else True
    assert len(inodes) < 120
    files.end()
    assert len(names(tmp_path / "preds.json")) == count
    assert json.loads((tmp_path / "preds.json").read_text())["a__b-7"] == {
        "model_name_or_path": "q",
        "instance_id": "a__b-7",
        "model_patch": patch.decode(),
    }


def test_what_a_kill_left_is_made_whole_by_the_next_call(tmp_path: Path) -> None:
    files = PredictionFiles(tmp_path, "q")
    files.begin({})
    files.add("a__b-1", b"one\n")
    with (tmp_path / "preds.jsonl").open("ab") as file:
        file.write(b'{"instance_id": "a__b-2", "model_pa')
    again = PredictionFiles(tmp_path, "q")
    again.begin({"a__b-1": b"one\n", "a__b-2": b"two\n"})
    again.add("a__b-3", b"three\n")
    assert names(tmp_path / "preds.json") == names(tmp_path / "preds.jsonl") == ["a__b-1", "a__b-2", "a__b-3"]
