"""What a session teaches: bounded, slow to change its mind, in words."""

from collections.abc import Sequence
from itertools import pairwise
from typing import TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.thinking import Outcome
from agent.thinking.experience import (
    TROUBLE_WINDOW,
    WINDOW,
    StepKind,
    excess,
    in_words,
    learned,
    next_pace,
    remembered,
)
from agent.thinking.signals import Pace

KINDS: tuple[StepKind, ...] = ("read", "edit", "command", "test", "answer")
Steps: TypeAlias = Sequence[tuple[StepKind, bool]]
START: tuple[Pace, ...] = ("usual",)
lives = st.lists(st.tuples(st.sampled_from(KINDS), st.booleans()), max_size=120)


def lived(steps: Steps) -> tuple[list[Pace], str]:
    memory, pace = "", START[0]
    paces: list[Pace] = []
    for kind, failed in steps:
        memory = learned(memory, kind, failed=failed)
        pace = next_pace(pace, memory)
        paces.append(pace)
    return paces, memory


def like(kind: StepKind, failures: Sequence[bool]) -> Steps:
    return [(kind, failed) for failed in failures]


def turns(paces: Sequence[Pace]) -> list[tuple[Pace, Pace]]:
    known: list[Pace] = [*START, *paces]
    return list(pairwise(known))


def test_failures_make_careful_and_successes_make_usual_again() -> None:
    bad = [*like("edit", [True, True]), *like("command", [True])]
    few = [*bad, *like("read", [False] * 6)]
    assert lived(bad)[0][-1] == "careful"
    assert lived(few)[0][-1] == "careful"
    assert lived([*few, *like("read", [False] * WINDOW)])[0][-1] == "usual"


def test_a_session_without_failures_relaxes_and_the_first_failure_ends_that() -> None:
    calm = [*like("read", [False] * 16), *like("command", [False] * 8)]
    assert lived(calm)[0][3] == "usual"
    assert lived(calm)[0][-1] == "relaxed"
    assert lived([*calm, *like("command", [True])])[0][-1] == "usual"


def test_what_usually_fails_counts_for_less() -> None:
    assert lived(like("edit", [number < 3 for number in range(9)]))[0][-1] == "careful"
    assert lived(like("test", [number % 3 == 0 for number in range(15)]))[0][-1] == "usual"


@settings(deadline=None)
@given(lives)
def test_the_memory_is_bounded_and_follows_from_its_window(steps: Steps) -> None:
    memory = lived(steps)[1]
    assert len(memory) == min(len(steps), WINDOW)
    assert memory == lived(steps[-WINDOW:])[1]
    failures, more = excess(memory)
    assert failures == sum(failed for _, failed in steps[-WINDOW:])
    assert more <= failures


@settings(deadline=None)
@given(lives)
def test_the_pace_never_jumps_and_one_step_does_not_turn_it_twice(steps: Steps) -> None:
    order: dict[Pace, int] = {"relaxed": 0, "usual": 1, "careful": 2}
    paces = lived(steps)[0]
    assert all(abs(order[a] - order[b]) <= 1 for a, b in turns(paces))


@given(st.sampled_from(KINDS), st.booleans())
def test_a_session_that_stays_the_same_settles(kind: StepKind, failed: bool) -> None:
    paces = lived(like(kind, [failed] * 60))[0]
    assert sum(a != b for a, b in turns(paces)) <= 1


@given(st.lists(st.booleans(), min_size=60, max_size=120))
def test_careful_is_not_left_and_entered_within_a_few_steps(failures: list[bool]) -> None:
    """Between the lines of entering and leaving lies more than any one step can move the count."""
    paces = lived(like("command", failures))[0]
    changes = [at for at, (a, b) in enumerate(pairwise(paces)) if "careful" in (a, b) and a != b]
    assert all(later - earlier >= 2 for earlier, later in pairwise(changes))


@pytest.mark.parametrize(
    ("memory", "words"),
    [
        ("", "none of the last 0 direct steps failed here"),
        ("rrec", "none of the last 4 direct steps failed here"),
        ("rEeEcC", "3 of the last 6 direct steps failed here: 2 edits, 1 command"),
        ("TA", "2 of the last 2 direct steps failed here: 1 test run, 1 answer"),
    ],
)
def test_in_words(memory: str, words: str) -> None:
    assert in_words(memory) == words


@given(st.lists(st.sampled_from(["ok", "failed", "test_failed", "test_passed", "interrupted"]), max_size=12))
def test_the_last_four_outcomes(outcomes: list[Outcome]) -> None:
    recent = ""
    for outcome in outcomes:
        recent = remembered(recent, outcome)
    assert recent.count("x") == sum(o in ("failed", "test_failed") for o in outcomes[-TROUBLE_WINDOW:])
