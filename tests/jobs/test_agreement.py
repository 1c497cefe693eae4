"""Our grader and an independent one say the same of the gold patch and of no change.

QWRIGHT_TEST_INSTANCES is a folder with `rows.jsonl`, whose images are built, and a program `grade ID PATCH` that prints
its verdict as JSON. The suite builds two instances; `make agreement INSTANCES=DIR` takes all of a folder.
"""

import asyncio
import json
import os
import subprocess
from pathlib import Path

import pytest

from jobs.batch.evaluation import Evaluation
from jobs.batch.inputs.source import Source, load
from jobs.batch.rows import GradedInstance
from jobs.batch.trial import Result
from sandboxes.protocol import Limits
from tests.needs import missing

pytestmark = [pytest.mark.docker, pytest.mark.timeout(1800)]


async def reference(folder: Path, name: str, patch: str, at_once: asyncio.Semaphore) -> dict[str, object]:
    command = [str(folder / "grade"), name, patch, "--dir", str(folder)]
    async with at_once:
        done = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    return json.loads(done.stdout)


async def ours(rows: list[GradedInstance], kind: str, out: Path) -> list[Result]:
    patches = {row.instance_id: row.patch if kind == "gold" else "" for row in rows}
    return await Evaluation(rows, patches, out, Limits(), 600, 2, lambda line: None, empty_runs=True).run()


@pytest.mark.parametrize("kind", ["gold", "empty"])
async def test_both_graders_say_the_same(docker_engine: str, tmp_path: Path, kind: str) -> None:
    folder = Path(os.environ.get("QWRIGHT_TEST_INSTANCES") or "/nowhere")
    if not (folder / "rows.jsonl").is_file():
        missing("no instances with a reference grader (QWRIGHT_TEST_INSTANCES)")
    rows = list(load(Source(str(folder / "rows.jsonl")), GradedInstance).rows)
    assert rows
    at_once = asyncio.Semaphore(2)
    theirs = asyncio.gather(*(reference(folder, row.instance_id, kind, at_once) for row in rows))
    for result, said in zip(await ours(rows, kind, tmp_path), await theirs, strict=True):
        assert result.grade is not None, (result.instance_id, result.reason)
        grade = result.grade.model_dump(mode="json")
        print(f"{result.instance_id} {kind}: {result.verdict}, {grade['tests_seen']} tests, by {result.graded_by}")
        assert {key: said[key] for key in ("resolved", "tests_seen", "FAIL_TO_PASS", "PASS_TO_PASS")} == {
            "resolved": grade["resolved"],
            "tests_seen": grade["tests_seen"],
            "FAIL_TO_PASS": grade["fail_to_pass"],
            "PASS_TO_PASS": grade["pass_to_pass"],
        }, result.instance_id
        assert (result.verdict == "resolved") == (kind == "gold")
