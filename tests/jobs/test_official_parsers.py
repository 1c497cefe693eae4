"""The installed swebench package as our grader uses it, and our own parsers beside it.

QWRIGHT_TEST_SWEBENCH names a Python that has the package; it stands apart because it brings 300 MB with it.
"""

import json
import os
import subprocess
from pathlib import Path

import pytest

from jobs.batch.grading import END, START, grade, read_log
from jobs.batch.log_parsers import PARSERS
from tests.needs import missing

ROOT = Path(__file__).resolve().parents[2]
PYTEST_LOG = """\
PASSED tests/test_a.py::test_one
PASSED tests/test_a.py::test_two[a b]
FAILED tests/test_a.py::test_three[/x/y/z.txt] - AssertionError: 1 == 2
XFAIL tests/test_a.py::test_four - reason
ERROR tests/test_a.py::test_five
SKIPPED [2] tests/test_a.py:7: no reason
SKIPPED tests/test_a.py::test_six
tests/test_a.py::test_seven PASSED
tests/test_b.py::test_eight FAILED
\x1b[32mPASSED\x1b[0m tests/test_b.py::test_nine
PASSED
= 3 passed in 0.1s =
"""
SYMPY_LOG = """\
sympy/core/tests/test_basic.py[3]
test_structure ok
test_equality F
test_matches E
____________ sympy/core/tests/test_basic.py:test_equality ____________
"""
DJANGO_LOG = """\
test_a (basic.tests.ModelTest) ... ok
test_b (basic.tests.ModelTest) ... FAIL
test_c (basic.tests.ModelTest) ... skipped 'no'
"""
SCRIPT = """
import json, sys
from jobs.batch.log_parsers import PARSERS, parser_named
import importlib
official = importlib.import_module("swebench.harness.log_parsers").PARSER_REGISTRY
logs = json.load(sys.stdin)
ours = {name: parser_named(name)(logs["pytest"]) for name in PARSERS}
theirs = {name: official[name](logs["pytest"], None) for name in PARSERS}
others = {name: parser_named(f"parse_log_{name}")(log) for name, log in logs.items() if name != "pytest"}
labels = importlib.import_module("swebench.harness.infra_failure")
from jobs.batch.log_labels import _SIGNS
told = {reason: (tier, "|".join(signs)) for reason, tier, signs in _SIGNS}
signs = {reason: (tier, pattern) for reason, tier, pattern in labels.INFRA_FAILURE_SIGNATURES}
print(json.dumps({"ours": ours, "theirs": theirs, "others": others, "same_signs": told == signs}))
"""


@pytest.fixture(scope="module")
def official() -> dict[str, dict[str, dict[str, str]]]:
    python = os.environ.get("QWRIGHT_TEST_SWEBENCH")
    if not python:
        missing("a Python with the package swebench (QWRIGHT_TEST_SWEBENCH)")
    logs = {"pytest": PYTEST_LOG, "sympy": SYMPY_LOG, "seaborn": PYTEST_LOG, "django": DJANGO_LOG}
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [str(python), "-c", SCRIPT], input=json.dumps(logs), capture_output=True, text=True, env=environment, check=True
    )
    return json.loads(done.stdout)


@pytest.mark.parametrize("name", sorted(PARSERS))
def test_our_parsers_read_what_the_official_ones_read(
    official: dict[str, dict[str, dict[str, str]]], name: str
) -> None:
    assert official["ours"][name] == official["theirs"][name]
    assert official["ours"][name]


def test_other_parsers_come_from_the_package(official: dict[str, dict[str, dict[str, str]]]) -> None:
    sympy = official["others"]["sympy"]
    assert sympy["test_structure"] == "PASSED"
    assert sympy["test_equality"] == "FAILED"
    assert set(official["others"]["django"].values()) == {"PASSED", "FAILED", "SKIPPED"}
    log = f"{START}\n{SYMPY_LOG}\n{END}"
    assert read_log(log, lambda text: sympy) == sympy
    assert grade(log, lambda text: sympy, ["test_structure"], []).resolved


def test_our_labels_are_the_official_ones(official: dict[str, dict[str, dict[str, str]]]) -> None:
    assert official["same_signs"]
