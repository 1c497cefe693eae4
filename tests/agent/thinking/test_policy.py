"""The decision: each row of the table, and what holds for every signal."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.thinking import DIRECT_SAMPLING, POLICIES, THINKING_SAMPLING, Budgets, Policy, Signals, decide, policy_named
from agent.thinking.signals import Pace
from agent.thinking.table import AUTO, PACES, RECOVERY, SWITCHABLE, reason_of
from tests.agent.thinking.signals import any_signals

LARGE = PACES["usual"].large_change
STOCK = PACES["usual"].stock_after

# For each row of `auto`: the least that makes it apply, and the nearest that does not.
EXAMPLES: list[tuple[str, Signals, Signals]] = [
    ("first_step", Signals(first_step=True), Signals()),
    ("stuck", Signals(repeated=2), Signals(repeated=1)),
    ("test_failed", Signals(outcome="test_failed"), Signals(outcome="test_passed")),
    ("direct_failed", Signals(outcome="failed"), Signals(outcome="ok")),
    ("failed", Signals(outcome="failed", thought=True), Signals(outcome="ok", thought=True)),
    ("interrupted", Signals(outcome="interrupted"), Signals(outcome="none")),
    ("unsettled", Signals(outcome="ok", troubles=2), Signals(outcome="ok", troubles=1)),
    ("review", Signals(outcome="test_passed", edited=True), Signals(outcome="test_passed")),
    ("about_to_submit", Signals(outcome="ok", closing=True, edited=True), Signals(outcome="ok", closing=True)),
    ("large_change", Signals(outcome="ok", written=LARGE), Signals(outcome="ok", written=LARGE - 1, edited=True)),
    ("taking_stock", Signals(steps_without_thought=STOCK), Signals(steps_without_thought=STOCK - 1)),
]
FAULTY: list[tuple[str, Signals, bool]] = [
    ("runaway", Signals(fault="runaway", fault_count=1, thought=True), False),
    ("over_budget", Signals(fault="budget", fault_count=1, thought=True), False),
    ("empty", Signals(fault="empty", fault_count=1, thought=True), True),
    ("empty", Signals(fault="empty", fault_count=1, thought=False), False),
    ("empty_again", Signals(fault="empty", fault_count=2, thought=True), False),
    ("empty_again", Signals(fault="empty", fault_count=2, thought=False), True),
    ("empty_still", Signals(fault="empty", fault_count=3, thought=True), False),
    ("empty_still", Signals(fault="empty", fault_count=3, thought=False), False),
    ("damaged", Signals(fault="malformed", fault_count=1, outcome="failed"), False),
    ("damaged_again", Signals(fault="malformed", fault_count=2, outcome="failed"), True),
    ("damaged", Signals(fault="malformed", fault_count=2, outcome="failed", thought=True), False),
    ("damaged", Signals(fault="malformed", fault_count=3, outcome="failed"), False),
    ("damaged", Signals(fault="truncated", fault_count=1), False),
    ("announced", Signals(fault="announced", fault_count=1), False),
]


@pytest.mark.parametrize(("row", "applies", "does_not"), EXAMPLES, ids=[row for row, _, _ in EXAMPLES])
def test_each_row_of_auto(row: str, applies: Signals, does_not: Signals) -> None:
    mode = decide("auto", applies)
    assert (mode.row, mode.thinking) == (row, True)
    other = decide("auto", does_not)
    assert (other.row, other.thinking) == ("routine", False)


@pytest.mark.parametrize("policy", ["auto", "always", "first"])
@pytest.mark.parametrize("first_step", [True, False])
@pytest.mark.parametrize(("row", "signals", "thinks"), FAULTY)
def test_each_row_of_recovery(policy: Policy, first_step: bool, row: str, signals: Signals, thinks: bool) -> None:
    mode = decide(policy, replace(signals, first_step=first_step))
    assert (mode.row, mode.thinking) == (row, thinks)


def test_every_row_has_its_example() -> None:
    assert [row for row, _, _ in EXAMPLES] == [row.name for row in AUTO]
    assert {row for row, _, _ in FAULTY} == {row.name for row in RECOVERY}
    names = [row.name for row in (*AUTO, *RECOVERY)]
    assert len(set(names)) == len(names)


def test_the_earlier_row_names_the_reason() -> None:
    assert decide("auto", Signals(first_step=True, outcome="failed", repeated=3)).row == "first_step"
    assert decide("auto", Signals(outcome="test_failed", repeated=2)).row == "stuck"


@pytest.mark.parametrize("row", sorted(SWITCHABLE))
def test_a_row_that_is_off_does_not_count(row: str) -> None:
    signals = next(applies for name, applies, _ in EXAMPLES if name == row)
    assert decide("auto", signals, rows_off={row}).row != row
    assert decide("auto", signals, rows_off=SWITCHABLE).row == "routine"


def test_each_kind_of_step_has_its_own_budget() -> None:
    budgets = Budgets(first=1, failure=2, stuck=3, review=4, stock=5, other=6)
    of = {row: decide("auto", applies, budgets).budget for row, applies, _ in EXAMPLES}
    assert of == {
        "first_step": 1,
        "stuck": 3,
        "test_failed": 2,
        "direct_failed": 2,
        "failed": 2,
        "interrupted": 2,
        "unsettled": 2,
        "review": 4,
        "about_to_submit": 4,
        "large_change": 4,
        "taking_stock": 5,
    }
    assert decide("always", Signals(), budgets).budget == 6
    assert decide("always", Signals(first_step=True), budgets).budget == 1
    assert decide("first", Signals(first_step=True), budgets).budget == 1


@given(any_signals)
def test_a_failed_step_is_never_followed_by_an_unthought_one(signals: Signals) -> None:
    if signals.fault is None and signals.outcome in ("failed", "test_failed", "interrupted"):
        assert decide("auto", signals).thinking


@given(any_signals)
def test_never_never_thinks(signals: Signals) -> None:
    mode = decide("never", signals)
    assert (mode.thinking, mode.budget, mode.reason) == (False, 0, "policy: never")


@given(any_signals)
def test_always_and_first(signals: Signals) -> None:
    if signals.fault is None:
        assert decide("always", signals).thinking
        assert decide("first", signals).thinking == signals.first_step
    else:
        assert decide("always", signals) == decide("first", signals) == decide("auto", signals)


@given(any_signals, st.integers(1, 6))
def test_faulty_answers_in_a_row_are_not_thought_about_for_ever(signals: Signals, count: int) -> None:
    """From the third on there is no thought: a required call is asked for then."""
    if signals.fault is not None and signals.fault_count > 2:
        assert not decide("auto", signals).thinking


@given(st.sampled_from(POLICIES), any_signals, st.sets(st.sampled_from(sorted(SWITCHABLE))))
def test_every_decision_is_whole_and_the_same_again(policy: Policy, signals: Signals, off: set[str]) -> None:
    mode = decide(policy, signals, rows_off=off)
    assert mode.reason.strip()
    assert mode.row
    assert mode.row not in off
    assert mode.sampling == (THINKING_SAMPLING if mode.thinking else DIRECT_SAMPLING)
    assert mode.thinking or mode.budget == 0
    assert decide(policy, signals, rows_off=off) == mode
    if mode.row not in ("always", "never", "first"):
        assert mode.reason.startswith(reason_of(mode.row, ""))


@given(any_signals, st.integers(0, 12))
def test_equal_signals_never_flap(signals: Signals, since: int) -> None:
    """The world stays the same; only what a decision itself changes does. No on, off, on within four steps."""
    modes: list[bool] = []
    thought = signals.thought
    for _ in range(40):
        given_now = replace(signals, first_step=False, fault=None, thought=thought, steps_without_thought=since)
        thought = decide("auto", given_now).thinking
        since = 0 if thought else since + 1
        modes.append(thought)
    turns_on = [at for at, (before, after) in enumerate(pairwise(modes)) if after and not before]
    assert all(later - earlier >= PACES["careful"].stock_after for earlier, later in pairwise(turns_on))


@given(any_signals)
def test_a_careful_pace_thinks_wherever_a_relaxed_one_does(signals: Signals) -> None:
    paces: tuple[Pace, ...] = ("relaxed", "usual", "careful")
    modes = [decide("auto", replace(signals, pace=pace)).thinking for pace in paces]
    assert modes == sorted(modes)


@pytest.mark.parametrize("pace", ["careful", "relaxed"])
def test_what_the_session_taught_stands_in_the_reason(pace: Pace) -> None:
    mode = decide("auto", Signals(steps_without_thought=40, pace=pace, experience="5 of the last 14 failed"))
    assert mode.reason == "taking stock after a run of direct steps (5 of the last 14 failed)"
    assert reason_of(mode.row, mode.reason) == "taking stock after a run of direct steps"
    assert "(" not in decide("auto", Signals(outcome="failed", pace=pace, experience="5 of the last 14 failed")).reason


def test_policies_by_name() -> None:
    assert [policy_named(name) for name in POLICIES] == list(POLICIES)
    assert policy_named("sometimes") is None
