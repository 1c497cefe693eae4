"""A previous run: what is new comes first, and its commit is where bisection begins."""

import io

import pytest

from jobs.triage.clusters import plain_name
from jobs.triage.codeowners import CodeOwners
from jobs.triage.findings import Findings
from jobs.triage.intake import read_failures
from jobs.triage.judge import verdict_of
from jobs.triage.lines import read_lines
from jobs.triage.places import Places
from jobs.triage.revision import Revision
from jobs.triage.verdict import Category, Verdict
from tests.jobs.triage.inputs import FIXTURES

SHA = "3f5a9c1e" * 5
ASKED = "2026-01-01T00:00:01.0Z [command]/usr/bin/git log -1 --format=%H"
OLD = "\n".join(f"FAILED tests/test_old.py::test_{n} - KeyError: 'x'" for n in range(5))
NEW = "FAILED tests/test_new.py::test_a - ValueError: new"
FRAME = "=========== short test summary info ============\n{}\n====== 6 failed in 1s ======\n"


def found(log: str, previous: str) -> tuple[Verdict, Findings]:
    findings = Findings()
    findings.add(read_failures(io.BytesIO(log.encode()), "ci.log"), "ci.log")
    earlier = io.BytesIO(previous.encode())
    findings.add_previous(read_failures(earlier, "previous.log", findings.previous_revision))
    return verdict_of(findings, Places(None), CodeOwners("")), findings


def test_one_new_failure_decides_over_many_known_ones() -> None:
    verdict, findings = found(FRAME.format(f"{OLD}\n{NEW}"), f"HEAD is now at {SHA}\n" + FRAME.format(OLD))
    assert verdict.category is Category.REGRESSION
    assert verdict.causes[0].examples == ["tests/test_new.py::test_a"]
    assert "6 failures of 2 causes, 1 new since the previous run" in verdict.summary
    assert findings.good == SHA


def test_a_known_failure_gives_no_good_revision() -> None:
    verdict, findings = found(FRAME.format(OLD), f"HEAD is now at {SHA}\n" + FRAME.format(OLD))
    assert verdict.category is Category.BUG
    assert findings.good == ""


def test_a_report_and_a_log_of_the_same_tests_meet() -> None:
    log = (FIXTURES / "real/pytest-long.log").read_text()
    verdict, _ = found(log, (FIXTURES / "real/pytest.xml").read_text())
    assert "previous run failed there too" in verdict.root_cause
    assert plain_name("tests/test_a.py::TestB::test_c[x/y]") == plain_name("tests.test_a.TestB::test_c[x.y]")


@pytest.mark.parametrize(
    ("text", "commit"),
    [
        (f"HEAD is now at {SHA[:7]} Add a cart\n", SHA[:7]),
        (f"2026-01-01T00:00:00.0Z HEAD is now at {SHA[:7]} x\n{ASKED}\n2026-01-01T00:00:01.0Z '{SHA}'\n", SHA),
        (f"Checking out {SHA[:8]} as detached HEAD (ref is main)...\n", SHA[:8]),
        (f"Checking out Revision {SHA} (refs/remotes/origin/main)\n", SHA),
        (f"echo HEAD is now at {SHA}\n'{SHA}'\nHEAD is now at the end\n", ""),
    ],
)
def test_the_commit_that_a_log_names(text: str, commit: str) -> None:
    revision = Revision()
    assert len(list(revision.watched(read_lines(io.BytesIO(text.encode()))))) == len(text.splitlines())
    assert revision.commit == commit
