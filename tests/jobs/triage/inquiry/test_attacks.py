"""The corpus of attacks on the model's part: what it is told, and what a model that was taken over could post."""

import json
import re
from pathlib import Path

import pytest

from agent.messages import UserMessage, wire_bytes
from jobs.triage.check import checked
from jobs.triage.codeowners import CodeOwners
from jobs.triage.inquiry.case import Facts, task_of
from jobs.triage.inquiry.commits import Commit
from jobs.triage.inquiry.merge import allowed_categories, named_files, with_opinion
from jobs.triage.inquiry.opinion import FREE_LABELS, NoOpinionError, parsed, schema
from jobs.triage.reports.markdown import markdown
from jobs.triage.verdict import Category, Verdict
from tests.jobs.triage.inputs import verdict
from tests.jobs.triage.test_attacks import ACTIVE, ATTACKS, CODE, CONTROL, HIDDEN, LOG, OWNERS, Attack, logs

FILES = {"shop/cart.py": ["x"] * 20, "tests/test_cart.py": ["y"] * 20}


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_the_model_is_told_data(attack: Attack) -> None:
    for place, log in logs(attack).items():
        commits = [Commit("a" * 40, "2026-01-01", "start", "touched shop/cart.py")]
        facts = Facts(verdict(log.encode(), owners=OWNERS), commits=commits, issue=attack.text)
        task = task_of(facts, "/workspace", repair=False)
        told = wire_bytes(UserMessage(task)).decode()
        assert not CONTROL.search(json.loads(told)["content"]), place
        assert not HIDDEN.search(task), place
        assert not attack.secret or attack.secret not in told, place
        # Our own words stand before and behind the data, whatever that holds.
        assert task.startswith("A CI job failed")
        assert task.endswith("fill in a form with what you found.")


def hijacked(attack: Attack, **more: object) -> Verdict:
    """The verdict when the model writes the attack wherever it may write."""
    said: dict[str, object] = {
        "category": "bug",
        "confidence": 1.0,
        "summary": attack.text,
        "root_cause": attack.text,
        "suspects": [
            {"path": attack.text, "line": 1, "why": attack.text},
            {"path": "shop/cart.py", "line": 3, "why": attack.text},
        ],
        "evidence": [{"path": "shop/cart.py", "line": 3, "why": attack.text}],
        "suspect_commit": attack.text,
        "labels": [attack.text, "approved"],
        "severity": "low",
        "next_step": attack.text,
        **more,
    }
    opinion = parsed(json.dumps(said))
    lines = {path: FILES[path] for path in named_files(opinion, FILES)}
    first = verdict(LOG.encode(), owners=OWNERS)
    return with_opinion(first, opinion, allowed_categories(None), [], lines, CodeOwners(OWNERS))


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_a_model_that_was_taken_over_posts_nothing_active(attack: Attack, tmp_path: Path) -> None:
    found = hijacked(attack)
    assert {one.path for one in found.suspects} <= set(FILES)
    assert set(found.labels) <= {"bug", "python"}
    assert found.suspect_commit is None
    assert found.owner == "@shop/makers"
    assert found.confidence <= 0.95
    assert all(one.quote != attack.text for one in found.evidence)
    for path in FILES:
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text("")
    (tmp_path / "CODEOWNERS").write_text(OWNERS)
    comment = markdown(checked(found.model_dump_json().encode(), tmp_path))
    assert not ACTIVE.search(CODE.sub("", comment)), comment
    assert not re.search(r"(?<![\w`])@\w", comment.replace("`@shop/makers`", ""))
    assert not HIDDEN.search(comment)
    assert not attack.secret or attack.secret not in comment


@pytest.mark.parametrize("attack", ATTACKS[:10], ids=lambda attack: attack.name)
def test_no_attack_is_a_category_or_a_severity(attack: Attack) -> None:
    for field in ("category", "severity"):
        with pytest.raises(NoOpinionError):
            hijacked(attack, **{field: attack.text})


def test_the_form_offers_only_what_may_be_said() -> None:
    form = json.dumps(schema({Category.BUG}, [Commit("a" * 40, "", "", "")]))
    assert '"enum": ["bug"]' in form
    assert json.dumps(["", "a" * 40]) in form
    assert not set(FREE_LABELS) & {"bug", "flaky", "regression", "infrastructure", "dependencies"}
