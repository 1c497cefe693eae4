"""The corpus of attacks: none changes what would be posted, no output carries one in its active form."""

import json
import re
from dataclasses import dataclass

import pytest

from jobs.triage.reports.annotations import annotations
from jobs.triage.reports.junit import junit
from jobs.triage.reports.markdown import markdown
from jobs.triage.reports.sarif import sarif
from jobs.triage.verdict import Verdict
from tests.jobs.triage.inputs import FIXTURES, verdict

OWNERS = "*.py @shop/all\n/shop/ @shop/makers\n"
LOG = (FIXTURES / "real" / "pytest-long.log").read_text("utf-8")
CAPTURED = "\nlooking at nothing\n"
MESSAGE = "E       IndexError: list index out of range"
HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\U000e0000-\U000e007f]"
)
CODE = re.compile(r"^(`{3,})text\n.*?^\1$|(?<!`)(`+)(?!`).*?(?<!`)\2(?!`)", re.DOTALL | re.MULTILINE)
ACTIVE = re.compile(r"!\[|\]\(|\]:|<(?!/?(?:details|summary)>)|https?:|www\.|#\d|GH-\d|(?<!\w)@\w|\[click")
CONTROL = re.compile(r"<\|?(?:im_start|im_end|endoftext|vision_start|image_pad|think|tool_call|tool_response)\|?>")


@dataclass(frozen=True)
class Attack:
    name: str
    kind: str
    text: str
    secret: str = ""


ATTACKS = [Attack(**one) for one in json.loads((FIXTURES / "attacks.json").read_text("utf-8"))]


def logs(attack: Attack) -> dict[str, str]:
    """The log with the attack where an attacker can print: a failed test's output, its message, the test's name, the
    lines around. What imitates another tool's report outside of captured output is that report (docs/triage.md)."""
    flat = " ".join(attack.text.split("\n"))
    name = re.sub(r"[\s]+", "_", flat)
    placed = {"captured": LOG.replace(CAPTURED, f"\n{attack.text}\n")}
    if attack.kind not in ("tool-forging", "path"):
        placed["before"] = f"{attack.text}\n{LOG}"
        placed["after"] = f"{LOG}{attack.text}\n"
        placed["message"] = LOG.replace(MESSAGE, f"E       IndexError: {flat}")
    if attack.kind not in ("tool-forging", "path") and not (attack.secret and " " in attack.text):
        placed["name"] = LOG.replace("test_total[1]", f"test_total[{name}]")
    return placed


def outputs(found: Verdict) -> dict[str, str]:
    return {
        "json": found.model_dump_json(indent=2),
        "markdown": markdown(found),
        "sarif": sarif(found, "1"),
        "github": annotations(found),
        "junit": junit(found),
    }


def test_the_corpus_is_large_enough() -> None:
    assert len(ATTACKS) >= 60
    assert len({attack.text for attack in ATTACKS}) == len(ATTACKS)
    assert all(place in LOG for place in (CAPTURED, MESSAGE, "test_total[1]"))


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_what_would_be_posted_stays(attack: Attack) -> None:
    clean = verdict(LOG.encode(), owners=OWNERS)
    for place, log in logs(attack).items():
        found = verdict(log.encode(), owners=OWNERS)
        for field in ("category", "labels", "owner", "severity", "failures", "suspect_commit"):
            assert getattr(found, field) == getattr(clean, field), (place, field)
        assert [(one.path, one.line) for one in found.suspects] == [(one.path, one.line) for one in clean.suspects], (
            place
        )


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_no_output_carries_the_active_form(attack: Attack) -> None:
    for place, log in logs(attack).items():
        for form, text in outputs(verdict(log.encode(), owners=OWNERS)).items():
            where = (place, form)
            assert not HIDDEN.search(text), where
            assert "##[" not in text, where
            assert "##vso[" not in text, where
            assert "<!--" not in text, where
            assert not CONTROL.search(text), where
            assert not attack.secret or attack.secret not in text, where


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_markdown_and_annotations_are_inert(attack: Attack) -> None:
    for place, log in logs(attack).items():
        found = verdict(log.encode(), owners=OWNERS)
        comment = markdown(found)
        assert not ACTIVE.search(CODE.sub("", comment)), (place, comment)
        assert not re.search(r"(?<![\w`])@\w", comment.replace("`@shop/makers`", "")), place
        assert not re.search(r"^\s{0,3}/\w", comment.replace("\n /", "\n  ? "), re.MULTILINE), place
        rows = annotations(found).splitlines()
        assert len(rows) == len(found.suspects), place
        assert all(
            re.match(r"::error file=(?:shop|tests)/[a-z_]+\.py,line=\d+,title=CI triage%3A bug::", row) for row in rows
        )
        assert not any(re.search(r"\s::[A-Za-z]", row) for row in rows), place


def test_an_issue_cannot_decide_over_a_log() -> None:
    clean = verdict(LOG.encode(), owners=OWNERS)
    for attack in ATTACKS:
        assert verdict(LOG.encode(), issue=attack.text.encode(), owners=OWNERS) == clean
