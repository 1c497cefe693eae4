"""A small image laid out as SWE-bench's are, and a row for it."""

import base64

from sandboxes import docker
from sandboxes.protocol import Limits
from tests.jobs.places import SECRET

LIMITS = Limits(memory_bytes=512 * 1024**2, pids=256)
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


async def small_row(base: str, **changes: object) -> dict[str, object]:
    """The row of the image, which is built from `base`."""
    row: dict[str, object] = {
        "instance_id": "acme__calc-1",
        "image": await _build(base),
        "base_commit": await _base_commit(LIMITS),
        "problem_statement": "add subtracts",
        "eval_script": SCRIPT,
        "patch": GOLD,
        "log_parser": "parse_log_pytest",
        "FAIL_TO_PASS": '["t"]',
        "PASS_TO_PASS": "[]",
    }
    return {**row, **changes}


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
