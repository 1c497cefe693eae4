"""`qwright batch --engine ray` as a user types it: three daemons, real containers, a real vLLM."""

import asyncio
import json
import subprocess
import sys
import uuid
from pathlib import Path

import pytest

from tests.e2e.conftest import Product
from tests.jobs.cluster import cluster
from tests.jobs.small_image import small_row
from tests.live.server import Vllm

pytestmark = [pytest.mark.docker, pytest.mark.live, pytest.mark.timeout(300)]


def test_instances_are_fixed_in_containers_of_the_nodes(
    product: Product, vllm: Vllm, docker_engine: str, tmp_path: Path
) -> None:
    small = asyncio.run(small_row(docker_engine))
    unique = uuid.uuid4().hex
    fix: dict[str, object] = {"calls": [{"name": "bash", "arguments": {"command": "sed -i 's/a - b/a + b/' calc.py"}}]}
    vllm.script(unique, [fix, {"say": "Fixed.", "calls": [{"name": "submit", "arguments": {}}]}])
    ids = [f"acme__calc-{unique[:8]}{letter}" for letter in "ab"]
    issue = f"{unique}: add subtracts"
    rows = tmp_path / "rows.jsonl"
    rows.write_text("".join(json.dumps({**small, "instance_id": it, "problem_statement": issue}) + "\n" for it in ids))
    with cluster(2) as (made, _):
        # The interpreter that has Ray, which need not be the one of the installed script.
        command = [sys.executable, "-m", "cli.main", "batch", str(rows), "--out", str(tmp_path / "out")]
        command += ["--engine", "ray", "--ray-address", made.address, "--base-url", vllm.base_url, "--memory", "512m"]
        done = subprocess.run(
            [*command, "--workers", "2", "--ray-cpus", "2"],
            env=product.environment,
            cwd=Path(__file__).resolve().parents[2],
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    assert "Ray: 3 nodes with 4 CPUs, 2 for each instance." in done.stderr
    assert "127.0.0.1 means each node itself" in done.stderr
    predictions = json.loads((tmp_path / "out" / "preds.json").read_text())
    assert set(predictions) == set(ids)
    assert all("+    return a + b" in it["model_patch"] for it in predictions.values())
    for name in ids:
        assert (tmp_path / "out" / name / "session" / "log.sqlite").is_file()
    sessions = [json.loads((tmp_path / "out" / name / "status.json").read_text())["session_id"] for name in ids]
    for session in sessions:
        left = ["docker", "ps", "-aq", "--filter", f"label=qwright.session={session}"]
        assert subprocess.check_output(left) == b""
    (vllm.scripts / f"{unique}.json").unlink()
