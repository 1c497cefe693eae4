"""From a hostile log to the comment: what the posting job would post, with the corpus and without it."""

from functools import cache
from pathlib import Path

import pytest

from jobs.triage.check import checked
from jobs.triage.codeowners import read_owners
from jobs.triage.verdict import Verdict
from tests.jobs.triage.inputs import verdict
from tests.jobs.triage.test_attacks import ATTACKS, LOG, OWNERS, Attack, logs, outputs

SAME = ("category", "labels", "owner", "severity", "failures", "suspect_commit", "decided_by", "patch", "next_step")


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    tmp_path = tmp_path_factory.mktemp("repo")
    for path in ("shop/cart.py", "tests/test_cart.py"):
        (tmp_path / path).parent.mkdir()
        (tmp_path / path).write_text("")
    (tmp_path / "CODEOWNERS").write_text(OWNERS)
    return tmp_path


@cache
def _posted(log: str, repo: Path) -> Verdict:
    """Both jobs: what the reading one found without a model, as the posting one lets it through."""
    return _checked(verdict(log.encode(), owners=OWNERS), repo)


def _checked(found: Verdict, repo: Path) -> Verdict:
    return checked(found.model_dump_json().encode(), repo, owners=read_owners(repo, repo))


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_what_is_posted_stays(attack: Attack, repo: Path) -> None:
    clean = _posted(LOG, repo)
    for place, log in logs(attack).items():
        found = verdict(log.encode(), owners=OWNERS)
        posted = _checked(found, repo)
        for field in SAME:
            assert getattr(posted, field) == getattr(clean, field), (place, field)
        assert [(one.path, one.line) for one in posted.suspects] == [(one.path, one.line) for one in clean.suspects]
        # The posting job found nothing left to tame.
        assert posted == found, place


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_where_a_test_printed_it_nothing_of_it_is_posted(attack: Attack, repo: Path) -> None:
    """Captured output is no evidence: the verdict is the same, letter for letter."""
    if attack.kind not in ("tool-forging", "path"):
        assert outputs(_posted(logs(attack)["captured"], repo)) == outputs(_posted(LOG, repo))
