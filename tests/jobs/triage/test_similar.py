"""Duplicates without a service."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.triage.similar import Similar, terms

REPORTS = {
    "1": "Upload fails with a timeout\n\nUploading report-2026-01-03.pdf to /srv/a1/x stops after 30 s: TimeoutError",
    "2": "Upload fails with timeout\n\nUploading report-2026-02-07.pdf to /mnt/other/b stops after 31 s: TimeoutError",
    "3": "Dark mode: the sidebar keeps its light colours after switching",
    "4": "The sidebar of dark mode keeps light colours when I switch",
    "5": "Crash on start when HOME is not set: KeyError in settings.py",
}


def filled() -> Similar:
    similar = Similar()
    for name, text in REPORTS.items():
        similar.add(name, text)
    return similar


@pytest.mark.parametrize(("name", "least", "expected"), [("1", 0.6, ["2"]), ("4", 0.4, ["3"]), ("5", 0.3, [])])
def test_reports_of_one_thing_meet(name: str, least: float, expected: list[str]) -> None:
    assert [other for other, _ in filled().like(name, least)] == expected


def test_a_name_given_again_is_replaced() -> None:
    similar = filled()
    similar.add("2", REPORTS["5"])
    assert [other for other, _ in similar.like("5")] == ["2"]
    assert similar.like("1") == []


@given(st.lists(st.text(max_size=60), min_size=2, max_size=6))
def test_alikeness_is_a_share_both_ways(texts: list[str]) -> None:
    similar = Similar()
    for number, text in enumerate(texts):
        similar.add(str(number), text)
    found = {(name, other): score for name in map(str, range(len(texts))) for other, score in similar.like(name, 0.0)}
    for (name, other), score in found.items():
        assert 0 <= score <= 1
        assert abs(score - found[other, name]) < 1e-9
        if terms(texts[int(name)]) == terms(texts[int(other)]):
            assert score > 0.999
