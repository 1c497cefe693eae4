"""What runs out or breaks leaves the verdict of the steps before it, and says so."""

import logging
from dataclasses import replace
from pathlib import Path

import pytest

from agent.client import ModelRequest
from agent.settings import TurnLimits
from agent.turn import ModelTurn
from jobs.triage.inquiry.budget import Budget
from jobs.triage.inquiry.notes import worth_another_try
from jobs.triage.inquiry.trial import Effort
from jobs.triage.verdict import Category
from tests.jobs.triage.inquiry.test_inquire import LOOK, SETTINGS, SUBMIT, Case, form


class Clock:
    """Stands still but for what is said: at a sentence that begins so, all the time is used up."""

    def __init__(self, ends_at: str) -> None:
        self._ends_at = ends_at
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def hear(self, sentence: str) -> None:
        if sentence.startswith(self._ends_at):
            self.now = 1e6


def test_a_budget_goes_by_its_clock() -> None:
    clock = Clock("")
    budget = Budget(100.0, 0.0, clock)
    assert budget.left_s() == 100
    clock.now = 130.0
    assert budget.left_s() == 0
    assert Budget(0.0, 0.0, clock).left_s() == float("inf")


@pytest.mark.parametrize(
    ("ends_at", "decided_by", "notes"),
    [
        ("Running", "rules", ["no time left to run the command", "not asked: no time was left"]),
        ("Asking", "counts", ["Time ran out before the model had filled in its findings."]),
        ("nothing", "model", []),
    ],
)
async def test_time_that_runs_out(tmp_path: Path, ends_at: str, decided_by: str, notes: list[str]) -> None:
    clock = Clock(ends_at)
    verdict = await Case(tmp_path, [SUBMIT, form()]).verdict(
        effort=Effort(2, Budget(900.0, 0.0, clock), 60.0), say=clock.hear
    )
    assert (verdict.category, verdict.decided_by) == (Category.BUG, decided_by)
    for note in notes:
        assert any(note in one for one in verdict.notes), verdict.notes


async def test_tokens_that_run_out(tmp_path: Path) -> None:
    settings = replace(SETTINGS, limits=TurnLimits(steps=50, tokens=1))
    case = Case(tmp_path, [LOOK, form()], settings)
    verdict = await case.verdict()
    assert (verdict.category, verdict.decided_by) == (Category.BUG, "model")
    assert any("cut short" in note and "token" in note for note in verdict.notes), verdict.notes
    # One look, then the form: the second look was never asked for.
    assert len(case.model.requests) == 2


async def test_an_error_of_our_own_leaves_the_counts(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    def breaks(_request: ModelRequest) -> ModelTurn:
        raise ZeroDivisionError("a fault in the engine")

    case = Case(tmp_path, [breaks])
    with caplog.at_level(logging.ERROR):
        verdict = await case.verdict()
    assert (verdict.category, verdict.decided_by) == (Category.BUG, "counts")
    assert verdict.reproduction
    assert (verdict.reproduction.runs, verdict.reproduction.failures) == (2, 2)
    assert any("error of qwright's own (ZeroDivisionError: a fault in the engine)" in one for one in verdict.notes)
    assert worth_another_try(verdict)
    assert any(record.exc_info for record in caplog.records)
    assert case.ground.left_open == 0
