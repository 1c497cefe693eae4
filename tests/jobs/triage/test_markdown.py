"""Markdown that fits into a comment, and in which no word of an input becomes a link."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from jobs.triage.reports.markdown import MOST_COMMENT, inline, markdown
from jobs.triage.verdict import Cause, Evidence, Repair, Suspect, Verdict
from tests.jobs.triage.inputs import FIXTURES, verdict

BASE = verdict((FIXTURES / "real/pytest-long.log").read_bytes())
CODE = re.compile(r"(`+)(?!`).+?(?<!`)\1(?!`)")
LINKS = [
    *(
        "GH-1",
        "(GH-12)",
        "gh-7,",
        "see:GH-1",
        "ABC-123",
        "(JIRA-9)",
        "#123",
        "(#123)",
        "acme/shop#1",
        "!12",
        "@mallory",
    ),
    *(
        "(@acme/team)",
        "0123abc",
        "(0123abc4)",
        "deadbee",
        "0" * 40,
        "a1b2c3d,",
        "www.example.com",
        "https://example.com",
    ),
    *("example.com/x", "a@b.example", "[x](y)", "![x](y)", "<a>", "mailto:a@b.c"),
]


def active(text: str) -> str:
    """What stands outside of code."""
    return CODE.sub("", inline(text))


@pytest.mark.parametrize("link", LINKS)
def test_what_becomes_a_link_stands_in_code(link: str) -> None:
    assert active(f"before {link} after").split() == ["before", "after"]


def test_plain_words_stay_words() -> None:
    text = "1 failure of 1 cause. First: the module (shop) isn't there"
    assert inline(text) == text


def large(**changes: object) -> Verdict:
    return Verdict.model_validate(BASE.model_dump() | changes)


PATCH = Repair(
    diff="diff --git a/a b/a\n" + "+x `y` z\n" * 20_000,
    command="c",
    before_runs=1,
    before_failures=1,
    after_runs=1,
    after_failures=0,
).model_dump()
EVIDENCE = [Evidence(quote="q " * 999, source="ci.log", line=1).model_dump() for _ in range(50)]
CAUSES = [Cause(message="a/b " * 499, count=1, examples=[]).model_dump() for _ in range(50)]
SUSPECTS = [Suspect(path=f"{'d/' * 190}{n}", line=1, why="w/x y " * 330).model_dump() for n in range(20)]


@pytest.mark.parametrize(
    "changes",
    [
        {"patch": PATCH},
        {"causes": CAUSES},
        {"patch": PATCH, "evidence": EVIDENCE, "causes": CAUSES},
        {"suspects": SUSPECTS, "notes": ["n/o p " * 330] * 20},
    ],
)
def test_a_comment_is_never_too_long_and_says_what_it_lacks(changes: dict[str, object]) -> None:
    text = markdown(large(**changes))
    assert len(text) <= MOST_COMMENT < 65_536
    assert text.count("<details>") == text.count("</details>")
    if "suspects" in changes:
        assert re.search(r"\[… [\d,]+ characters more in the verdict \(JSON\)\]\n$", text)
        assert text.count("\n|") >= 2
    elif "causes" in changes:
        assert re.search(r"Left out here for its [\d,]+ characters: the causes", text)
        assert f"Next: {BASE.next_step}" in text


def test_a_label_twice_is_refused() -> None:
    with pytest.raises(ValidationError, match="there twice"):
        large(labels=["bug", "bug"])


@given(st.text(max_size=200))
def test_no_text_makes_a_link(text: str) -> None:
    left = active(text)
    assert not re.search(r"[#@!\[\]<>/&~%$]|www\.|\bGH-\d", left, re.IGNORECASE)
