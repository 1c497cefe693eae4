"""The policy over recorded runs: 42 of them here, all 500 where QWRIGHT_TEST_TRAJECTORIES names the file."""

import os
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.thinking_share import Decided, Step, decisions, runs, share

FIXTURE = Path(__file__).resolve().parent.parent / "fixtures" / "trajectories" / "steps.jsonl"
ALL = os.environ.get("QWRIGHT_TEST_TRAJECTORIES")

steps = st.builds(
    Step,
    st.sampled_from(["read", "edit", "run", "test", "other", "submit"]),
    st.sampled_from([0, 0, 0, 1, 2, None]),
    st.integers(1, 3000),
)


@pytest.fixture(scope="module", params=[FIXTURE, *([Path(ALL)] if ALL else [])], ids=lambda path: path.parent.name)
def recorded(request: pytest.FixtureRequest) -> list[list[Step]]:
    return list(runs(request.param))


def unthought_after_failure(run: list[Decided]) -> list[int]:
    return [at for at, (before, after) in enumerate(pairwise(run)) if before.step.failed and not after.mode.thinking]


def test_no_failed_step_is_followed_by_an_unthought_one(recorded: list[list[Step]]) -> None:
    made = [list(decisions("auto", run)) for run in recorded]
    failures = sum(decided.step.failed for run in made for decided in run)
    assert failures > 100
    assert [at for run in made for at in unthought_after_failure(run)] == []


def test_calm_stretches_run_without_thought(recorded: list[list[Step]]) -> None:
    made = [list(decisions("auto", run)) for run in recorded]
    assert 20 < share(made) < 35
    assert all(run[0].mode.row == "first_step" for run in made)
    assert {decided.pace for run in made for decided in run} == {"relaxed", "usual", "careful"}


def test_the_other_policies(recorded: list[list[Step]]) -> None:
    assert share([list(decisions("never", run)) for run in recorded]) == 0
    assert share([list(decisions("always", run)) for run in recorded]) > 99
    assert all([d.mode.thinking for d in decisions("first", run)].count(True) == 1 for run in recorded)


@given(st.lists(steps, min_size=1, max_size=60))
@settings(deadline=None)
def test_whatever_the_run_no_failure_is_followed_by_an_unthought_step(run: list[Step]) -> None:
    made = list(decisions("auto", run))
    assert unthought_after_failure(made) == []
    assert made[0].mode.thinking


@given(st.lists(steps, max_size=40), st.integers(30, 80))
@settings(deadline=None)
def test_a_calm_end_comes_to_rest_whatever_went_before(before: list[Step], length: int) -> None:
    """Reads that succeed, however bad it was before them: stock is taken now and then, and nothing else."""
    made = list(decisions("auto", [*before, *[Step("read", 0, 20)] * length]))
    calm = [decided.mode for decided in made[len(before) + 5 :]]
    assert {mode.row for mode in calm if mode.thinking} <= {"taking_stock"}
    assert sum(mode.thinking for mode in calm) <= len(calm) / 5 + 1
