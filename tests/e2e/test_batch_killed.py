"""`qwright batch` killed with -9 in the middle: nothing runs on, nothing runs twice, no container is left."""

import asyncio
import json
import subprocess
import time
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.conftest import Product
from tests.jobs.small_image import small_row
from tests.live.server import Vllm

pytestmark = [pytest.mark.docker, pytest.mark.live, pytest.mark.timeout(300)]


def containers(ids: list[str], *, running: bool) -> list[str]:
    """Names of the containers that sessions on these instances have."""
    command = ["docker", "ps", "--format", '{{.Names}} {{.Label "qwright.session"}}', "--filter", "label=qwright"]
    lines = subprocess.check_output(command + ([] if running else ["-a"]), text=True).splitlines()
    prefixes = tuple(f"batch-{name}-" for name in ids)
    return [name for name, _, session in (line.partition(" ") for line in lines) if session.startswith(prefixes)]


def asleep(name: str) -> bool:
    top = subprocess.run(["docker", "top", name, "-o", "pid,args"], capture_output=True, text=True, check=False)
    return "sleep 61" in top.stdout


def until(what: Callable[[], bool], process: "subprocess.Popen[str] | None" = None) -> None:
    """Wait for something outside this process, a minute at most."""
    end = time.monotonic() + 60
    while not what():
        assert process is None or process.poll() is None, process.communicate()
        assert time.monotonic() < end
        time.sleep(0.2)


def test_killed_hard_it_goes_on_and_leaves_no_container(
    product: Product, vllm: Vllm, docker_engine: str, tmp_path: Path
) -> None:
    small = asyncio.run(small_row(docker_engine))
    unique = uuid.uuid4().hex
    ids = [f"acme__calc-{unique[:8]}{letter}" for letter in "ab"]
    bash = [
        "sed -i 's/a - b/a + b/' calc.py; echo kept > /opt/kept",
        "echo once >> runs.txt; sleep 61",
        "cat /opt/kept >> runs.txt",
    ]
    turns: list[dict[str, object]] = [{"calls": [{"name": "bash", "arguments": {"command": it}}]} for it in bash]
    vllm.script(unique, [*turns, {"say": "Fixed.", "calls": [{"name": "submit", "arguments": {}}]}])
    row = {**small, "problem_statement": f"{unique}: add subtracts"}
    rows = tmp_path / "rows.jsonl"
    rows.write_text("".join(json.dumps({**row, "instance_id": name}) + "\n" for name in ids))
    command = ["batch", str(rows), "--out", str(tmp_path / "out"), "--workers", "2", "--base-url", vllm.base_url]
    command += ["--memory", "512m", "--thinking", "never"]

    first = product.start(*command)
    until(lambda: sum(map(asleep, containers(ids, running=True))) == 2, first)
    first.kill()
    first.communicate()
    until(lambda: not containers(ids, running=True))
    assert len(containers(ids, running=False)) == 2
    # Of the second nothing is known any more: its container is one that nobody will take up.
    subprocess.run(["rm", "-r", str(tmp_path / "out" / ids[1])], check=True)
    bash[1] = "echo once >> runs.txt"
    turns[1] = {"calls": [{"name": "bash", "arguments": {"command": bash[1]}}]}
    vllm.script(unique, [*turns, {"say": "Fixed.", "calls": [{"name": "submit", "arguments": {}}]}])

    done = product.run(*command)
    assert done.returncode == 0, done.stderr
    predictions = json.loads((tmp_path / "out" / "preds.json").read_text())
    for name in ids:
        status = json.loads((tmp_path / "out" / name / "status.json").read_text())
        assert (status["exit_status"], status["attempts"]) == ("submitted", 1)
        patch = predictions[name]["model_patch"]
        assert "+    return a + b" in patch
        # What lay outside the repository is there again, and the command that was cut off did not run twice.
        assert patch.count("+once") == 1
        assert patch.count("+kept") == 1
    assert containers(ids, running=False) == []
    (vllm.scripts / f"{unique}.json").unlink()
