"""Failures of many kinds, written after what the tools print: the category that a person would give each."""

import re

import pytest

from jobs.triage.failures import Failure
from jobs.triage.lines import Line
from jobs.triage.parsers import machine
from tests.jobs.triage.inputs import FIXTURES, verdict
from tests.jobs.triage.regex_steps import examples
from tests.jobs.triage.regex_tree import tree_of

_HEAD = re.compile(r"^#### (\S+) \| (\w+)\n", re.MULTILINE)
_, *PARTS = _HEAD.split((FIXTURES / "made.txt").read_text("utf-8"))
MADE = [pytest.param(log, category, id=name) for name, category, log in zip(*[iter(PARTS)] * 3, strict=True)]


@pytest.mark.parametrize(("log", "category"), MADE)
def test_the_category_of_a_failure(log: str, category: str) -> None:
    found = verdict(log.encode())
    assert found.category.value == category, found.root_cause
    assert (found.failures == 0) == (category == "not_reproducible")


@pytest.mark.parametrize(
    ("kind", "name", "rule"),
    [
        pytest.param(kind, name, rule, id=name)
        for kind, table in (("infrastructure", machine.INFRASTRUCTURE), ("configuration", machine.CONFIGURATION))
        for name, rule in table.items()
    ],
)
def test_each_sign_of_the_machine_is_seen(kind: str, name: str, rule: str) -> None:
    """Lines are looked at closely only where they hold one of a list of words: each sign must hold one."""
    for text in examples(tree_of(re.compile(rule))):
        (found,) = machine.MachineParser().feed(Line(1, text)) or (Failure("", machine.Kind.TEST, "", ""),)
        assert found.kind.value == kind, f"{name}: {text}"


def test_of_an_unknown_failure_the_last_lines_are_shown() -> None:
    noise = "".join(f"step {number}\n" for number in range(50))
    found = verdict(
        f"{noise}bazel: target //shop:cart did not build\n##[error]Process completed with exit code 1.\n".encode()
    )
    assert (found.category.value, found.confidence, found.failures) == ("bug", 0.2, 1)
    assert [row.quote for row in found.evidence][-2:] == [
        "bazel: target //shop:cart did not build",
        "# #[error]Process completed with exit code 1.",
    ]
    assert "no parser knows" in found.root_cause
    passed = verdict(
        f"{noise}##[error]Process completed with exit code 1.\n".encode() + b"E: Unable to locate package x\n"
    )
    assert passed.category.value == "dependency"


def test_suspects_of_a_crash_are_the_repositorys_own_frames() -> None:
    logs = {case.id: case.values[0] for case in MADE}
    for name, first in {
        "python-segfault": ("shop/native.py", 14),
        "node-crash": ("src/cart.js", 3),
        "tsc": ("src/cart.ts", 12),
    }.items():
        found = verdict(str(logs[name]).encode())
        assert (found.suspects[0].path, found.suspects[0].line) == first
