"""`qwright evaluate` as a program, where no container is needed or none can be had."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.cli.programs import NO_ENGINE, qwright
from tests.jobs.places import SECRET, raw_row


def evaluate(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return qwright(folder, "evaluate", *arguments, **NO_ENGINE)


def rows(folder: Path, *names: str, broken: bool = False) -> str:
    lines = [json.dumps(raw_row(name)) for name in names]
    if broken:
        lines.append(json.dumps(raw_row("acme__calc-bad", FAIL_TO_PASS=f"{SECRET} is no list")))
    (folder / "rows.jsonl").write_text("\n".join(lines))
    return "rows.jsonl"


def predictions(folder: Path, **patches: str | None) -> str:
    found = [
        {"instance_id": f"acme__calc-{name}", "model_name_or_path": "m", "model_patch": patch}
        for name, patch in patches.items()
    ]
    (folder / "preds.json").write_text(json.dumps(found))
    return "preds.json"


def report(folder: Path) -> dict[str, object]:
    return json.loads((folder / "evaluation" / "report.json").read_text())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "Name a file of predictions, or one of --gold and --empty."),
        (["--gold", "--empty"], "Name a file of predictions, or one of --gold and --empty."),
        (["--gold", "--workers", "0"], "--workers must be at least 1."),
        (["nowhere.json"], "The predictions nowhere.json cannot be read"),
        (["rows.jsonl", "--gold"], "Name a file of predictions, or one of --gold and --empty."),
    ],
)
def test_what_cannot_be_meant_is_refused(tmp_path: Path, arguments: list[str], said: str) -> None:
    done = evaluate(tmp_path, *arguments, "--rows", rows(tmp_path, "acme__calc-1"))
    assert (done.returncode, said in done.stderr) == (2, True), done.stderr


def test_rows_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    done = evaluate(tmp_path, "--gold", "--rows", "nowhere.jsonl")
    assert (done.returncode, "nowhere.jsonl" in done.stderr) == (2, True)


def test_what_has_no_patch_is_counted_without_an_engine(tmp_path: Path) -> None:
    given = predictions(tmp_path, **{"1": "", "2": None})
    done = evaluate(tmp_path, given, "--rows", rows(tmp_path, "acme__calc-1", "acme__calc-2", "acme__calc-3"))
    assert done.returncode == 0, done.stderr
    assert "2 empty_patch" in done.stdout
    assert "of 3;" in done.stdout
    found = report(tmp_path)
    # What nobody handed in is neither resolved nor not: it stays ungraded.
    assert (found["incomplete_ids"], found["submitted_instances"]) == (["acme__calc-3"], 2)
    assert (found["unresolved_ids"], found["resolved_ids"], found["error_ids"]) == ([], [], [])
    assert not list((tmp_path / "evaluation").glob("acme__calc-3*"))


def test_a_bad_row_is_named_and_the_code_tells(tmp_path: Path) -> None:
    given = predictions(tmp_path, **{"1": ""})
    done = evaluate(tmp_path, given, "--rows", rows(tmp_path, "acme__calc-1", broken=True))
    assert done.returncode == 1
    assert "Left out: rows.jsonl:2: FAIL_TO_PASS" in done.stderr
    assert SECRET not in done.stdout + done.stderr
    assert report(tmp_path)["empty_patch_ids"] == ["acme__calc-1"]


def test_predictions_without_a_row_are_told(tmp_path: Path) -> None:
    given = predictions(tmp_path, **{"1": "", "9": "p"})
    done = evaluate(tmp_path, given, "--rows", rows(tmp_path, "acme__calc-1"))
    assert done.returncode == 0
    assert "no good row of rows.jsonl has acme__calc-9" in done.stderr


def test_without_an_engine_there_is_one_sentence(tmp_path: Path) -> None:
    done = evaluate(tmp_path, "--gold", "--rows", rows(tmp_path, "acme__calc-1"), "--out", "out")
    assert done.returncode == 4
    assert "Docker" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out" / "report.json").exists()
