"""Verdicts of fixtures and of texts, as the command gives them."""

import io
from pathlib import Path

from jobs.triage.codeowners import CodeOwners
from jobs.triage.failures import Failure
from jobs.triage.findings import Findings
from jobs.triage.intake import read_failures
from jobs.triage.judge import verdict_of
from jobs.triage.places import Places
from jobs.triage.verdict import Verdict

FIXTURES = Path(__file__).parent.parent.parent / "fixtures" / "triage"


def failures(text: str | bytes) -> list[Failure]:
    data = text.encode() if isinstance(text, str) else text
    return list(read_failures(io.BytesIO(data), "ci.log"))


def verdict(log: bytes, *, previous: bytes | None = None, issue: bytes | None = None, owners: str = "") -> Verdict:
    findings = Findings()
    findings.add(read_failures(io.BytesIO(log), "ci.log"), "ci.log")
    if issue is not None:
        findings.add_issue(read_failures(io.BytesIO(issue), "issue.md"), "issue.md")
    if previous is not None:
        findings.add_previous(read_failures(io.BytesIO(previous), "previous.log"))
    return verdict_of(findings, Places(None), CodeOwners(owners))
