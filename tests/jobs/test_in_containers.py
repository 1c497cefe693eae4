"""A batch and its grading in containers of a small image laid out as SWE-bench's are."""

import base64
import json
from pathlib import Path

import pytest

from agent.events import EventSink
from jobs.batch.engine import LocalEngine
from jobs.batch.evaluation import Evaluation
from jobs.batch.instance import Ways
from jobs.batch.place import DockerPlaces
from jobs.batch.progress import Progress
from jobs.batch.rows import GradedInstance, Instance
from jobs.batch.run import Batch
from jobs.batch.workers import Fixed
from sandboxes import docker
from sandboxes.protocol import Limits
from tests.fakes.model import ScriptedModel, call, says
from tests.jobs.places import SECRET, SETTINGS

pytestmark = [pytest.mark.docker, pytest.mark.timeout(180)]
TAG = "qwright-test-batch:1"
BUILD = rf"""
set -e
mkdir -p /testbed /opt/miniconda3/bin /opt/miniconda3/envs/testbed/bin
CONDA=/opt/miniconda3/bin/activate
echo 'conda() {{ export CONDA_DEFAULT_ENV=$2 PATH=/opt/miniconda3/envs/testbed/bin:$PATH; }}' > $CONDA
cd /testbed
git init -q
git config user.name t
git config user.email t@example.invalid
printf 'def add(a, b):\n    return a - b\n' > calc.py
export GIT_AUTHOR_DATE=2026-01-01T00:00:00Z GIT_COMMITTER_DATE=2026-01-01T00:00:00Z
git add -A && git commit -qm start
git tag base
echo '# {SECRET}' >> calc.py
git commit -qam '{SECRET}'
git tag later
git reset -q --hard base
"""
CHECK = "python3 -c 'import calc; assert calc.add(1, 2) == 3' && echo PASSED t || { echo FAILED t; false; }"
SCRIPT = f"""#!/bin/bash
set -uxo pipefail
cd /testbed
: {SECRET}
: '>>>>> Start Test Output'
{CHECK}
: '>>>>> End Test Output'
"""
GOLD = "--- a/calc.py\n+++ b/calc.py\n@@ -1,2 +1,2 @@\n def add(a, b):\n-    return a - b\n+    return a + b\n"
# Where the agent could look: all objects and refs of the repository, the environment, the files around. The pattern is
# written so that the command itself does not hold what it looks for.
PATTERN = f"[{SECRET[0]}]{SECRET[1:]}"
SEEK = (
    "(git cat-file --batch --batch-all-objects; git for-each-ref; env) > /tmp/objects; "
    f"grep -c 'blob' /tmp/objects; grep -ao '{PATTERN}' /tmp/objects | sed 's/^/FOUND /'; "
    f"grep -rl '{PATTERN}' /testbed /tmp /root /var/tmp | sed 's/^/FOUND /'; echo conda=$CONDA_DEFAULT_ENV"
)


async def _build(base: str) -> str:
    engine = await docker.connect()
    try:
        encoded = base64.b64encode(BUILD.encode()).decode()
        await engine.build(f"FROM {base}\nRUN echo {encoded} | base64 -d | bash\n", TAG)
    finally:
        await engine.close()
    return TAG


async def _base_commit(limits: Limits) -> str:
    from sandboxes.container.sandbox import DockerSandbox
    from sandboxes.protocol import SandboxSpec

    sandbox = DockerSandbox(SandboxSpec(TAG, "/testbed", limits=limits))
    await sandbox.start()
    try:
        return (await sandbox.run("git rev-parse HEAD", timeout_s=30)).head.decode().strip()
    finally:
        await sandbox.close()


async def test_fixed_graded_and_nothing_hidden_in_reach(docker_engine: str, tmp_path: Path) -> None:
    limits = Limits(memory_bytes=512 * 1024**2, pids=256)
    row: dict[str, object] = {
        "instance_id": "acme__calc-1",
        "image": await _build(docker_engine),
        "base_commit": await _base_commit(limits),
        "problem_statement": "add subtracts",
        "eval_script": SCRIPT,
        "patch": GOLD,
        "log_parser": "parse_log_pytest",
        "FAIL_TO_PASS": '["t"]',
        "PASS_TO_PASS": "[]",
    }
    model = ScriptedModel(
        [
            says(call("bash", command=SEEK)),
            says(call("bash", command="sed -i 's/a - b/a + b/' calc.py")),
            says(call("submit"), text="Fixed."),
        ]
    )

    def client(emit: EventSink) -> ScriptedModel:
        return model

    batch = Batch([Instance.model_validate(row)], tmp_path / "out", "qwen-test")
    await batch.run(LocalEngine(Ways(SETTINGS, client, DockerPlaces(limits))), Fixed(1), Progress(1, lambda line: None))
    (status,) = batch.statuses()
    assert status.exit_status == "submitted", status.detail
    seen = b"\n".join(model.prompts[-1]).decode()
    # One blob in the whole repository, nothing found, the environment active.
    assert r'"content":"1\nconda=testbed"' in seen
    assert SECRET not in seen
    patch = json.loads((tmp_path / "out" / "preds.json").read_text())["acme__calc-1"]["model_patch"]

    verdicts: dict[str, str] = {}
    for name, given in (("own", patch), ("gold", GOLD), ("empty", ""), ("broken", "no patch\n")):
        graded = [GradedInstance.model_validate(row)]
        folder = tmp_path / "evaluation" / name
        tried = Evaluation(graded, {"acme__calc-1": given}, folder, limits, 60, 1, lambda line: None, empty_runs=True)
        (result,) = await tried.run()
        verdicts[name] = result.verdict
    assert verdicts == {"own": "resolved", "gold": "resolved", "empty": "unresolved", "broken": "error"}
