"""A log says the same whatever CI system it comes from."""

from collections.abc import Callable

import pytest

from jobs.triage.verdict import Verdict
from tests.jobs.triage.inputs import FIXTURES, verdict
from tests.jobs.triage.test_verdicts import EXPECTED
from tests.jobs.triage.wrappings import WRAPPINGS

WRAPPED = ("documented/gh-", "documented/github-", "documented/gitlab-", "documented/jenkins-")
PLAIN = [name for name in EXPECTED if name.endswith(".log") and not name.startswith(WRAPPED)]


def said(found: Verdict) -> tuple[object, ...]:
    """All of a verdict but the places in the log and the log's own words around the tool's."""
    suspects = [(one.path, one.line) for one in found.suspects]
    causes = [(one.message, one.count, one.examples) for one in found.causes]
    return found.category, found.labels, found.failures, suspects, causes, found.reproduction, found.severity


@pytest.mark.parametrize("wrap", WRAPPINGS, ids=lambda wrap: wrap.__name__)
@pytest.mark.parametrize("name", PLAIN)
def test_a_log_says_the_same_in_every_wrapping(name: str, wrap: Callable[[str], str]) -> None:
    text = (FIXTURES / name).read_text("utf-8")
    assert said(verdict(wrap(text).encode())) == said(verdict(text.encode()))
