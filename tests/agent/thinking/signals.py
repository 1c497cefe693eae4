"""Signals for property tests."""

from hypothesis import strategies as st

from agent.thinking import Fault, Outcome, Signals
from agent.thinking.signals import Pace

OUTCOMES: tuple[Outcome, ...] = ("none", "ok", "failed", "test_failed", "test_passed", "interrupted")
FAULTS: tuple[Fault, ...] = ("empty", "runaway", "budget", "malformed", "announced", "truncated")
PACES: tuple[Pace, ...] = ("relaxed", "usual", "careful")

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
    written=st.integers(0, 5000),
    closing=st.booleans(),
    troubles=st.integers(0, 4),
    pace=st.sampled_from(PACES),
    experience=st.text(max_size=20),
)
