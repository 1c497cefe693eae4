"""`qwright batch` on a real vLLM and a real engine: policies compared, attempts chosen among."""

import json
import os
import re
import subprocess
import sys
import uuid
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from agent.json_types import as_count, as_object
from tests.jobs.places import SECRET
from tests.jobs.small_image import small_row
from tests.live.server import Vllm

pytestmark = [pytest.mark.live, pytest.mark.docker, pytest.mark.timeout(300)]
TURNS: list[dict[str, object]] = [
    {
        "think": "The sign is wrong. " * 8,
        "say": "I mend it.",
        "calls": [{"name": "bash", "arguments": {"command": "sed -i 's/a - b/a + b/' calc.py"}}],
    },
    {"say": "Tested.", "calls": [{"name": "bash", "arguments": {"command": "python3 -c 'import calc' # pytest"}}]},
    {"think": "Done. " * 5, "say": "Mended.", "calls": [{"name": "submit", "arguments": {}}]},
]


@pytest.fixture
async def rows(vllm: Vllm, docker_engine: str, tmp_path: Path) -> AsyncGenerator[Path]:
    """A file with one row, and what the model says to it for as long as the test lasts."""
    name = f"BATCH-{uuid.uuid4().hex}"
    vllm.script(name, TURNS)
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps(await small_row(docker_engine, problem_statement=f"{name}: add subtracts")))
    yield path
    (vllm.scripts / f"{name}.json").unlink()


def batch(vllm: Vllm, folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "QWRIGHT_STATE_DIR": str(folder / "state"), "QWRIGHT_BASE_URL": vllm.base_url}
    command = [sys.executable, "-m", "cli.main", "batch", *arguments, "--memory", "512m"]
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)


def test_policies_are_compared(vllm: Vllm, rows: Path, tmp_path: Path) -> None:
    out = tmp_path / "ab"
    done = batch(
        vllm,
        tmp_path,
        str(rows),
        "--out",
        str(out),
        "--compare",
        "always,never",
        "--workers",
        "2",
        "--progress",
        "json",
    )
    assert done.returncode == 0, done.stderr
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert {event["instance"] for event in events} == {"always/acme__calc-1", "never/acme__calc-1"}
    assert events[-1]["done"] == 2
    found = as_object(json.loads((out / "compare.json").read_text())["policies"])
    always, never = (as_object(found[name]) for name in ("always", "never"))
    assert (always["resolved"], never["resolved"]) == (1, 1)
    thinking = [as_object(it["figures"]) for it in (always, never)]
    assert [it["thinking_steps"] for it in thinking] == [3, 0]
    assert [it["direct_steps"] for it in thinking] == [0, 3]
    assert as_object(never["figures"])["reasoning_tokens"] == 0
    # Neither found in the cache what the other had paid for.
    computed = [as_count(it["computed_tokens"]) for it in (always, never)]
    assert 0.6 < computed[0] / computed[1] < 1.7
    for path in (out / "always" / "acme__calc-1").rglob("*"):
        assert not path.is_file() or SECRET.encode() not in path.read_bytes(), path
    assert "resolved" in (out / "always" / "report.md").read_text()
    setup = json.loads((out / "always" / "run.json").read_text())
    assert (setup["configuration"]["thinking"], setup["priority"]) == ("always", 10)
    # What a stranger needs: the very image, the engine, the server and what it has loaded, this program.
    image = setup["images"]["acme__calc-1"]
    assert re.fullmatch(r"sha256:[0-9a-f]{64}", image["id"])
    assert all((setup[name]) for name in ("docker_version", "server_version", "qwright", "repeat"))
    assert setup["served"]["name"] == setup["model"]


def test_attempts_that_agree_are_chosen_among_and_graded(vllm: Vllm, rows: Path, tmp_path: Path) -> None:
    out = tmp_path / "many"
    arguments = (str(rows), "--out", str(out), "--attempts", "2", "--grade", "--workers", "2")
    done = batch(vllm, tmp_path, *arguments)
    assert done.returncode == 0, done.stderr
    report = json.loads((out / "attempts.json").read_text())
    assert report["pass_at"]["1"]["rate"] == report["pass_at"]["2"]["rate"] == 1.0
    assert report["chosen"]["resolved"] == 1
    assert json.loads((out / "selection.json").read_text())["acme__calc-1"]["reason"] == "2 of 2 attempts agree"
    again = batch(vllm, tmp_path, *arguments)
    assert again.returncode == 0
    assert "2 of 2 instances are finished already" in again.stderr
