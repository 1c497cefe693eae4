"""`qwright triage` from a log to a proved patch: containers, and a real vLLM that enforces the form."""

import json
import os
import uuid
from pathlib import Path

import pytest

from agent.json_types import as_list, as_object, as_text
from tests.cli.programs import qwright
from tests.jobs.triage.inquiry.ground import git, repository
from tests.live.server import Vllm

pytestmark = [pytest.mark.live, pytest.mark.docker, pytest.mark.timeout(300)]
FILES = {
    "shop/__init__.py": "",
    "shop/cart.py": "def total(prices):\n    return sum(prices) - 1\n",
    "tests/__init__.py": "",
    "tests/test_cart.py": "import unittest\nfrom shop.cart import total\n\n\nclass CartTest(unittest.TestCase):\n"
    "    def test_total(self):\n        self.assertEqual(total([1, 2]), 3)\n",
}
LOG = """\
F
======================================================================
FAIL: test_total (tests.test_cart.CartTest.test_total)
----------------------------------------------------------------------
Traceback (most recent call last):
  File "/builds/acme/{marker}/tests/test_cart.py", line 7, in test_total
    self.assertEqual(total([1, 2]), 3)
AssertionError: 2 != 3

----------------------------------------------------------------------
Ran 1 test in 0.000s

FAILED (failures=1)
"""
FORM: dict[str, object] = {
    "category": "bug",
    "confidence": 0.9,
    "summary": "total() takes one too many away.",
    "root_cause": "The sum is taken, then 1 is subtracted.",
    "suspects": [{"path": "shop/cart.py", "line": 2, "why": "subtracts 1"}],
    "evidence": [{"path": "shop/cart.py", "line": 2, "why": "the subtraction"}],
    "suspect_commit": "",
    "labels": ["python"],
    "severity": "high",
    "next_step": "Take the subtraction away.",
}
MEND: dict[str, object] = {
    "think": "The sum is right without the subtraction.",
    "calls": [{"name": "bash", "arguments": {"command": "sed -i 's/ - 1//' shop/cart.py"}}],
}
SUBMIT: dict[str, object] = {"calls": [{"name": "submit", "arguments": {"summary": "Mended."}}]}


def triaged(
    vllm: Vllm, tmp_path: Path, image: str, form: dict[str, object], *flags: str, base_url: str = ""
) -> tuple[int, dict[str, object], str]:
    """Exit code, verdict and standard error of one call, its model's words scripted."""
    marker = f"TRIAGE-{uuid.uuid4().hex}"
    repo = repository(tmp_path / "repo", FILES)
    (tmp_path / "ci.log").write_text(LOG.format(marker=marker))
    # The marker stands in the log's path, and with the evidence in the request.
    (tmp_path / "ci.log").rename(tmp_path / f"{marker}.log")
    vllm.script(marker, [MEND, SUBMIT, {"raw": json.dumps(form)}])
    sandbox = ("--image", os.environ.get("QWRIGHT_TEST_IMAGE", image), "--runs", "2")
    server = ("--base-url", base_url or vllm.base_url)
    try:
        done = qwright(
            tmp_path,
            *("triage", f"{marker}.log", "--repo", str(repo), "--format", "json"),
            *("--command", "python3 -m unittest tests.test_cart"),
            *sandbox,
            *server,
            *flags,
        )
    finally:
        (vllm.scripts / f"{marker}.json").unlink()
    return done.returncode, json.loads(done.stdout or "{}"), done.stderr


def test_from_a_log_to_a_proved_patch(vllm: Vllm, docker_engine: str, tmp_path: Path) -> None:
    code, verdict, err = triaged(vllm, tmp_path, docker_engine, FORM, "--fix")
    assert code == 10, err
    assert (verdict["decided_by"], verdict["notes"]) == ("model", [])
    assert verdict["reproduction"] == {
        "command": "python3 -m unittest tests.test_cart",
        "exit_code": 1,
        "runs": 2,
        "failures": 2,
    }
    patch = as_object(verdict["patch"])
    assert (patch["before_failures"], patch["after_runs"], patch["after_failures"]) == (2, 2, 0)
    git(tmp_path / "repo", "apply", "--check", str(_written(tmp_path / "p.diff", as_text(patch["diff"]))))


def test_a_form_that_the_schema_forbids_never_gets_through(vllm: Vllm, docker_engine: str, tmp_path: Path) -> None:
    code, verdict, err = triaged(vllm, tmp_path, docker_engine, FORM | {"category": "wontfix"})
    assert code == 10, err
    assert (verdict["decided_by"], verdict["category"]) == ("counts", "bug")
    notes = list(map(as_text, as_list(verdict["notes"])))
    assert any("cannot be used: category" in note for note in notes), notes


def test_without_a_server_the_counts_decide(vllm: Vllm, docker_engine: str, tmp_path: Path) -> None:
    code, verdict, err = triaged(vllm, tmp_path, docker_engine, FORM, base_url="http://127.0.0.1:9/v1")
    assert code == 10
    assert "The model is not asked" in err
    assert (verdict["decided_by"], verdict["category"]) == ("counts", "bug")


def _written(path: Path, text: str) -> Path:
    path.write_text(text)
    return path
