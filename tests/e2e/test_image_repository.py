"""A repository that the image brings along, laid out as SWE-bench's images are."""

import asyncio
import base64
import uuid
from pathlib import Path

import pytest

from sandboxes import docker
from tests.e2e.conftest import CALC, TEST_CALC, Product, git, result_of
from tests.live.server import Vllm

pytestmark = [pytest.mark.docker, pytest.mark.live, pytest.mark.timeout(180)]
TAG = "qwright-test-testbed:1"
SETUP = r"""
set -e
mkdir -p /testbed /opt/miniconda3/bin /opt/miniconda3/envs/testbed/bin
cat > /opt/miniconda3/bin/activate <<'END'
conda() { export CONDA_DEFAULT_ENV=$2 PATH=/opt/miniconda3/envs/testbed/bin:$PATH; }
END
printf '#!/bin/sh\nexec python3 -m unittest "$@"\n' > /opt/miniconda3/envs/testbed/bin/run-tests
chmod +x /opt/miniconda3/envs/testbed/bin/run-tests
cd /testbed
git init -q
printf '*.egg-info/\n' > .gitignore
echo CALC_BYTES | base64 -d > calc.py
echo TEST_BYTES | base64 -d > test_calc.py
git add -A
git -c user.name=t -c user.email=t@example.invalid commit -qm start
mkdir x.egg-info
echo built > x.egg-info/PKG-INFO
"""


async def build(base: str) -> None:
    script = SETUP.replace("CALC_BYTES", encoded(CALC)).replace("TEST_BYTES", encoded(TEST_CALC))
    engine = await docker.connect()
    try:
        await engine.build(f"FROM {base}\nRUN echo {encoded(script)} | base64 -d | sh\n", TAG)
    finally:
        await engine.close()


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.fixture(scope="session")
def testbed(docker_engine: str) -> str:
    asyncio.run(build(docker_engine))
    return TAG


def test_the_bug_in_the_image_is_fixed_and_the_patch_fits(
    product: Product, vllm: Vllm, testbed: str, tmp_path: Path
) -> None:
    name = f"TASK-{uuid.uuid4().hex}"
    edit = {"command": "str_replace", "path": "/testbed/calc.py", "old_str": "return a - b", "new_str": "return a + b"}
    vllm.script(
        name,
        [
            {"calls": [{"name": "bash", "arguments": {"command": "echo $CONDA_DEFAULT_ENV > env.txt; run-tests"}}]},
            {"calls": [{"name": "str_replace_editor", "arguments": edit}]},
            {"calls": [{"name": "bash", "arguments": {"command": "run-tests && echo more >> x.egg-info/PKG-INFO"}}]},
            {"say": "Fixed.", "calls": [{"name": "submit", "arguments": {}}]},
        ],
    )
    arguments = ["--repo", "image:/testbed", "--image", testbed, "--base-url", vllm.base_url, "--output", "json"]
    done = product.run("run", f"{name}: fix add", *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    result = result_of(done)
    patch = str(result["patch"])
    assert "+    return a + b" in patch
    assert "+testbed" in patch
    assert "egg-info" not in patch
    folder = tmp_path / "fresh"
    folder.mkdir()
    (folder / "calc.py").write_text(CALC)
    (tmp_path / "out.patch").write_text(patch)
    git(folder, "apply", str(tmp_path / "out.patch"))
    assert "return a + b" in (folder / "calc.py").read_text()
