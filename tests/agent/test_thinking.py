"""The thinking policy: a table of its rules, and what holds for every signal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.thinking import (
    DIRECT_SAMPLING,
    STEPS_BEFORE_TAKING_STOCK,
    THINKING_SAMPLING,
    Budgets,
    Fault,
    Outcome,
    Policy,
    Signals,
    decide,
)

POLICIES: tuple[Policy, ...] = ("auto", "always", "never", "first")
OUTCOMES: tuple[Outcome, ...] = ("none", "ok", "failed", "test_failed", "test_passed", "interrupted")
FAULTS: tuple[Fault, ...] = ("empty", "runaway", "malformed", "announced", "truncated")

any_signals = st.builds(
    Signals,
    first_step=st.booleans(),
    outcome=st.sampled_from(OUTCOMES),
    edited=st.booleans(),
    repeated=st.integers(0, 10),
    fault=st.none() | st.sampled_from(FAULTS),
    fault_count=st.integers(0, 6),
    thought=st.booleans(),
    steps_without_thought=st.integers(0, 40),
)


@pytest.mark.parametrize(
    ("signals", "thinks", "words"),
    [
        (Signals(first_step=True), True, "first step"),
        (Signals(), False, "routine"),
        (Signals(outcome="ok"), False, "routine"),
        (Signals(outcome="ok", edited=True), False, "routine"),
        (Signals(outcome="failed"), True, "tool call failed"),
        (Signals(outcome="test_failed"), True, "test failed"),
        (Signals(outcome="interrupted"), True, "interrupted"),
        (Signals(outcome="test_passed"), False, "routine"),
        (Signals(outcome="test_passed", edited=True), True, "review"),
        (Signals(repeated=1), False, "routine"),
        (Signals(repeated=2), True, "same call"),
        (Signals(outcome="ok", steps_without_thought=STEPS_BEFORE_TAKING_STOCK - 1), False, "routine"),
        (Signals(outcome="ok", steps_without_thought=STEPS_BEFORE_TAKING_STOCK), True, "taking stock"),
        # the earlier rule names the reason
        (Signals(first_step=True, outcome="failed", repeated=3), True, "first step"),
        (Signals(outcome="test_failed", repeated=2), True, "same call"),
    ],
)
def test_rules_of_auto(signals: Signals, thinks: bool, words: str) -> None:
    mode = decide("auto", signals)
    assert (mode.thinking, words in mode.reason) == (thinks, True), mode.reason


@pytest.mark.parametrize("policy", ["auto", "always", "first"])
@pytest.mark.parametrize(
    ("fault", "count", "words"),
    [
        ("runaway", 1, "ran away"),
        ("empty", 2, "empty"),
        ("malformed", 1, "damaged"),
        ("truncated", 1, "damaged"),
        ("announced", 1, "announced"),
    ],
)
def test_recovery_turns_thought_off(policy: Policy, fault: Fault, count: int, words: str) -> None:
    mode = decide(policy, Signals(first_step=True, fault=fault, fault_count=count))
    assert not mode.thinking
    assert words in mode.reason


@pytest.mark.parametrize("policy", ["auto", "always", "first"])
@pytest.mark.parametrize("thought", [True, False])
@pytest.mark.parametrize("first_step", [True, False])
def test_first_empty_answer_is_asked_for_again_in_the_same_mode(
    policy: Policy, thought: bool, first_step: bool
) -> None:
    mode = decide(policy, Signals(first_step=first_step, fault="empty", fault_count=1, thought=thought))
    assert (mode.thinking, "empty answer" in mode.reason) == (thought, True)


@given(any_signals)
def test_never_never_thinks(signals: Signals) -> None:
    mode = decide("never", signals)
    assert (mode.thinking, mode.budget, mode.reason) == (False, 0, "policy: never")


@given(any_signals)
def test_always_thinks_unless_it_recovers(signals: Signals) -> None:
    mode = decide("always", signals)
    if signals.fault is None:
        assert (mode.thinking, mode.reason) == (True, "policy: always")
    else:
        assert mode.thinking == (signals.fault == "empty" and signals.fault_count <= 1 and signals.thought)


@given(any_signals)
def test_first_thinks_on_the_first_step_only(signals: Signals) -> None:
    mode = decide("first", signals)
    if signals.fault is None:
        assert mode.thinking == signals.first_step


@given(st.sampled_from(POLICIES), any_signals, st.builds(Budgets, st.integers(1, 10**6), st.integers(1, 10**6)))
def test_every_decision_is_whole(policy: Policy, signals: Signals, budgets: Budgets) -> None:
    mode = decide(policy, signals, budgets)
    assert mode.reason.strip()
    assert mode.sampling == (THINKING_SAMPLING if mode.thinking else DIRECT_SAMPLING)
    expected = budgets.first if signals.first_step else budgets.other
    assert mode.budget == (expected if mode.thinking else 0)
    assert decide(policy, signals, budgets) == mode


def test_budgets_have_defaults() -> None:
    assert decide("always", Signals(first_step=True)).budget == Budgets().first
    assert decide("always", Signals()).budget == Budgets().other
