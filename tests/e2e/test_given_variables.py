"""Variables given by name: the model's commands have them, nothing that is kept does."""

import hashlib
import json
import uuid
from pathlib import Path

import pytest

from tests.e2e.conftest import Product, result_of
from tests.live.server import Vllm

pytestmark = [pytest.mark.docker, pytest.mark.live, pytest.mark.timeout(180)]
LOOK = 'printf %s "$GIVEN" | md5sum; printf %s "$TAKEN" | md5sum; echo "${NEVER-absent}"'


def digests(*values: str) -> list[str]:
    return [hashlib.md5(value.encode(), usedforsecurity=False).hexdigest() for value in values]


def test_values_are_seen_inside_and_kept_nowhere(
    product: Product, repository: Path, vllm: Vllm, docker_engine: str
) -> None:
    name = f"TASK-{uuid.uuid4().hex}"
    look: dict[str, object] = {"calls": [{"name": "bash", "arguments": {"command": LOOK}}]}
    vllm.script(name, [look, look, {"say": "Done.", "calls": [{"name": "submit", "arguments": {}}]}])
    given, taken = f"it's {uuid.uuid4().hex}", uuid.uuid4().hex
    flags = ["--env", f"GIVEN={given}", "--env", "TAKEN", "--base-url", vllm.base_url, "--image", docker_engine]
    arguments = ["run", f"{name}: look", "--repo", str(repository), "--max-steps", "1", "--output", "json", *flags]
    first = product.run(*arguments, TAKEN=taken, NEVER="x")
    assert first.returncode == 5, first.stdout + first.stderr
    refused = product.run("resume", "last", TAKEN=taken)
    assert (refused.returncode, "GIVEN is not set here" in refused.stderr) == (2, True)
    again = product.run("resume", "last", "--env", f"GIVEN={given}", "--output", "json", TAKEN=taken)
    assert again.returncode == 0, again.stdout + again.stderr
    log = product.run("sessions", "export", str(result_of(again)["session_id"])).stdout
    results = [row["data"]["text"] for row in map(json.loads, log.splitlines()) if row["kind"] == "result"]
    for text in results[:2]:
        assert [word for word in text.split() if word != "-"] == [*digests(given, taken), "absent"]
    for file in (product.folder / "state").rglob("*"):
        if file.is_file():
            assert given.encode() not in file.read_bytes(), file
            assert taken.encode() not in file.read_bytes(), file
    assert "GIVEN" in product.run("sessions", "show", "last").stdout
