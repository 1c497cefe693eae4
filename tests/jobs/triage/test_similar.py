"""Duplicates without a service."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.triage.similar import MOST_COMPARED, Similar, terms

REPORTS = {
    "1": "Upload fails with a timeout\n\nUploading report-2026-01-03.pdf to /srv/a1/x stops after 30 s: TimeoutError",
    "2": "Upload fails with timeout\n\nUploading report-2026-02-07.pdf to /mnt/other/b stops after 31 s: TimeoutError",
    "3": "Dark mode: the sidebar keeps its light colours after switching",
    "4": "The sidebar of dark mode keeps light colours when I switch",
    "5": "Crash on start when HOME is not set: KeyError in settings.py",
}
WORDS = ["upload", "fails", "timeout", "crash", "dark", "mode", "sidebar", "start", "home", "cart"]


@pytest.mark.parametrize(("name", "least", "expected"), [("1", 0.6, ["2"]), ("4", 0.4, ["3"]), ("5", 0.3, [])])
def test_reports_of_one_thing_meet(name: str, least: float, expected: list[str]) -> None:
    assert [other for other, _ in Similar(REPORTS).like(name, least)] == expected


def cosines(texts: dict[str, str]) -> dict[tuple[str, str], float]:
    """Every pair, by the definition."""
    found = {name: terms(text) for name, text in texts.items()}
    having = {term: sum(term in one for one in found.values()) for one in found.values() for term in one}
    count = len(texts)
    vectors = {
        name: {term: (1 + math.log(n)) * (math.log((1 + count) / (1 + having[term])) + 1) for term, n in one.items()}
        for name, one in found.items()
    }
    sizes = {name: math.sqrt(sum(weight**2 for weight in one.values())) for name, one in vectors.items()}
    return {
        (one, other): sum(weight * vectors[other].get(term, 0.0) for term, weight in vectors[one].items())
        / (sizes[one] * sizes[other] or 1.0)
        for one in texts
        for other in texts
        if one != other
    }


@given(
    st.lists(st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join), min_size=2, max_size=12),
    st.sampled_from([0.2, 0.6, 0.9]),
)
def test_what_is_left_out_of_the_comparison_is_not_alike(texts: list[str], least: float) -> None:
    named = {str(number): text for number, text in enumerate(texts)}
    similar = Similar(named)
    found = {(name, other): score for name in named for other, score in similar.like(name, least)}
    for pair, score in cosines(named).items():
        assert 0 <= score <= 1 + 1e-9
        if abs(score - least) > 1e-9:
            assert (pair in found) == (score > least), (pair, score)
        if pair in found:
            assert abs(found[pair] - min(score, 1.0)) < 1e-9


def backlog(count: int, same: int) -> dict[str, str]:
    """Issues of one form with words of their own; each tenth repeats the one before, the first `same` say one thing."""
    chance = random.Random(7)
    texts: dict[str, str] = {}
    for number in range(count):
        words = " ".join("".join(chance.choices("abcdefghijklmnop", k=6)) for _ in range(25))
        if number % 10 == 9:
            words = texts[str(number - 1)].rpartition("\n")[2]
        if number < same:
            words = "the build fails as the registry is away"
        texts[str(number)] = f"Version: 1.2.{number}\nSystem: Linux\nWhat happened, and what did you expect?\n{words}"
    return texts


def compared(count: int, same: int = 0) -> int:
    texts = backlog(count, same)
    similar = Similar(texts)
    for number in range(count):
        found = [name for name, _ in similar.like(str(number))]
        if number % 10 == 9 and number >= same + 10:
            assert str(number - 1) in found
    return similar.compared


def test_comparisons_grow_as_the_backlog() -> None:
    few, many = compared(300), compared(1500)
    assert many <= 6 * few
    assert many <= 1500 * 3


def test_hundreds_that_say_the_same_are_not_all_compared() -> None:
    assert compared(900, same=600) <= 900 * MOST_COMPARED
