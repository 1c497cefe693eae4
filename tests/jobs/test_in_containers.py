"""A batch and its grading in containers of a small image laid out as SWE-bench's are."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from agent.events import EventSink
from jobs.batch.choose.bench import Bench
from jobs.batch.choose.choice import Candidate
from jobs.batch.choose.patches import parts_of
from jobs.batch.choose.suites import Suite
from jobs.batch.engine import LocalEngine
from jobs.batch.evaluation import Evaluation
from jobs.batch.instance import Ways
from jobs.batch.place import DockerPlaces
from jobs.batch.progress import Progress
from jobs.batch.rows import GradedInstance, Instance
from jobs.batch.run import Batch
from jobs.batch.workers import Fixed
from tests.fakes.model import ScriptedModel, call, says
from tests.jobs.places import SECRET, SETTINGS
from tests.jobs.small_image import GOLD, LIMITS, small_row

pytestmark = [pytest.mark.docker, pytest.mark.timeout(180)]
# Where the agent could look: all objects and refs of the repository, the environment, the files around. The pattern is
# written so that the command itself does not hold what it looks for.
PATTERN = f"[{SECRET[0]}]{SECRET[1:]}"
SEEK = (
    "(git cat-file --batch --batch-all-objects; git for-each-ref; env) > /tmp/objects; "
    f"grep -c 'blob' /tmp/objects; grep -ao '{PATTERN}' /tmp/objects | sed 's/^/FOUND /'; "
    f"grep -rl '{PATTERN}' /testbed /tmp /root /var/tmp | sed 's/^/FOUND /'; echo conda=$CONDA_DEFAULT_ENV"
)


def docker_image(row: Mapping[str, object]) -> str:
    return Instance.model_validate(row).container_image


async def test_fixed_graded_and_nothing_hidden_in_reach(docker_engine: str, tmp_path: Path) -> None:
    limits, row = LIMITS, await small_row(docker_engine)
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
    assert (status.image, status.image_id[:7]) == (docker_image(row), "sha256:")
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


async def test_the_tests_of_attempts_are_run_on_each_others_patches(docker_engine: str) -> None:
    instance = Instance.model_validate(await small_row(docker_engine))
    wrong = GOLD.replace("+    return a + b", "+    return 3")
    diff = "diff --git a/calc.py b/calc.py\n"
    candidates = [
        Candidate(name, diff + patch, parts_of(diff + patch), submitted=True)
        for name, patch in (("attempt-1", wrong), ("attempt-2", GOLD))
    ]
    written = "diff --git a/test_calc.py b/test_calc.py\nnew file mode 100644\n--- /dev/null\n+++ b/test_calc.py\n"
    written += "@@ -0,0 +1,2 @@\n+import calc\n+assert calc.add(2, 2) == 4\n"
    suites = [
        Suite("attempt-1", "", ("python3 -c 'import calc; assert calc.add(1, 2) == 3' | tail -1",)),
        Suite("attempt-2", written, ("python3 test_calc.py", "test $CONDA_DEFAULT_ENV = testbed")),
        Suite("attempt-3", "", ("test ! -e test_calc.py", "sleep 60")),
    ]
    bench = Bench(DockerPlaces(LIMITS), timeout_s=5)
    results = {it.attempt: await bench.results(instance, it, suites) for it in candidates}
    # A pipe hides no failure, one suite leaves nothing to the next, and what takes too long has not gone well.
    assert results == {"attempt-1": [True, False, False], "attempt-2": [True, True, False]}
