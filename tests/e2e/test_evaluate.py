"""`qwright evaluate` as a user types it, with real containers: verdicts, a kill in the middle, published rows."""

import asyncio
import json
import os
import re
import subprocess
import time
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

from jobs.batch.inputs.source import Source, load
from jobs.batch.rows import GradedInstance, Instance
from tests.e2e.conftest import Product
from tests.jobs.small_image import SCRIPT, small_row
from tests.needs import missing

pytestmark = [pytest.mark.docker, pytest.mark.timeout(180)]


def left(ids: list[str]) -> list[str]:
    """Sessions of the containers that trials of these instances have, running or not."""
    command = ["docker", "ps", "-a", "--format", '{{.Label "qwright.session"}}', "--filter", "label=qwright"]
    found = subprocess.check_output(command, text=True).splitlines()
    return [session for session in found if session in {f"evaluate-{name}" for name in ids}]


def write_rows(path: Path, small: dict[str, object], scripts: dict[str, str]) -> None:
    lines = [json.dumps({**small, "instance_id": name, "eval_script": script}) for name, script in scripts.items()]
    path.write_text("\n".join(lines))


def test_killed_hard_it_grades_nothing_twice_and_leaves_no_container(
    product: Product, docker_engine: str, tmp_path: Path
) -> None:
    small = asyncio.run(small_row(docker_engine))
    unique = uuid.uuid4().hex[:8]
    ids = [f"acme__calc-{unique}{letter}" for letter in "abc"]
    rows, out = tmp_path / "rows.jsonl", tmp_path / "out"
    # The first is over when the process is killed, the second is in its tests, the third has not begun.
    sleeping = SCRIPT.replace("cd /testbed\n", "cd /testbed\nsleep 71\n")
    write_rows(rows, small, {ids[0]: SCRIPT, ids[1]: sleeping, ids[2]: SCRIPT})
    command = ["evaluate", "--gold", "--rows", str(rows), "--out", str(out), "--workers", "1", "--memory", "512m"]
    first = product.start(*command)
    wait_for(first, lambda: (out / ids[0] / "result.json").exists() and left(ids) == [f"evaluate-{ids[1]}"])
    first.kill()
    first.communicate()
    assert not (out / ids[1] / "result.json").exists()
    assert not (out / "report.json").exists()
    graded = (out / ids[0] / "test_output.txt").stat()

    write_rows(rows, small, dict.fromkeys(ids, SCRIPT))
    done = product.run(*command)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("3 resolved, 0 unresolved")
    again = (out / ids[0] / "test_output.txt").stat()
    assert (again.st_ino, again.st_mtime_ns) == (graded.st_ino, graded.st_mtime_ns)
    assert left(ids) == []
    third = product.run(*command)
    assert (third.returncode, third.stdout) == (0, done.stdout)
    assert (out / ids[1] / "test_output.txt").stat().st_mtime_ns < (out / "report.json").stat().st_mtime_ns


def wait_for(process: "subprocess.Popen[str]", what: Callable[[], bool]) -> None:
    """Until something outside this process is so, a minute at most."""
    end = time.monotonic() + 60
    while not what():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end
        time.sleep(0.1)


def test_interrupted_it_leaves_no_container_and_says_how_to_go_on(
    product: Product, docker_engine: str, tmp_path: Path
) -> None:
    small = asyncio.run(small_row(docker_engine))
    ids = [f"acme__calc-{uuid.uuid4().hex[:8]}"]
    rows, out = tmp_path / "rows.jsonl", tmp_path / "out"
    write_rows(rows, small, {ids[0]: SCRIPT.replace("cd /testbed\n", "cd /testbed\nsleep 71\n")})
    process = product.start("evaluate", "--gold", "--rows", str(rows), "--out", str(out), "--memory", "512m")
    wait_for(process, lambda: left(ids) == [f"evaluate-{ids[0]}"])
    process.terminate()
    _, said = process.communicate()
    assert process.returncode == 130, said
    assert "the same command goes on with the rest" in said
    assert left(ids) == []


def test_published_rows_load_and_an_image_that_cannot_be_had_is_a_sentence(
    product: Product, docker_engine: str, tmp_path: Path
) -> None:
    path = os.environ.get("QWRIGHT_TEST_SWEBENCH_ROWS")
    if not path:
        missing("no published rows of SWE-bench (QWRIGHT_TEST_SWEBENCH_ROWS)")
    published = [json.loads(line) for line in Path(path).read_text().splitlines()]
    for kind in (Instance, GradedInstance):
        loaded = load(Source(path), kind)
        assert loaded.problems == ()
        for row, raw in zip(loaded.rows, published, strict=True):
            assert re.sub("^docker.io/", "", row.container_image) == re.sub("^docker.io/", "", raw["image"])
            # The rule gives the same name as the row.
            unnamed = kind.model_validate({**raw, "image": None})
            assert re.sub("^docker.io/", "", unnamed.container_image) == re.sub("^docker.io/", "", raw["image"])
    done = product.run("evaluate", "--gold", "--rows", path, "--out", str(tmp_path / "out"), "--pull", "never")
    assert done.returncode == 4, done.stderr
    assert f"{len(published)} infra_failure" in done.stdout
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    for raw in published:
        reason = report["failure_reasons"][raw["instance_id"]]
        assert reason.endswith((".", "again.")), reason
        assert "is not on this machine" in reason or "log parser" in reason
        assert "docker pull" in reason or "pip install" in reason
