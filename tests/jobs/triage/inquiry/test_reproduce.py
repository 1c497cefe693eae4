"""Flaky constructions told apart from real bugs, by counting."""

from pathlib import Path

import pytest

from jobs.triage.inquiry.place import prepared
from jobs.triage.inquiry.reproduce import Reproduced, counted, remedy, reproduce, reproduction_of, trouble
from jobs.triage.inquiry.target import Target
from jobs.triage.verdict import Category
from tests.jobs.triage.inquiry.ground import Ground, effort, repository

# A counter outside the repository stands for whatever a test shares with the machine; no run is left to chance.
SHARED = """
import pathlib, sys
counter = pathlib.Path(sys.argv[1])
number = int(counter.read_text()) if counter.exists() else 0
counter.write_text(str(number + 1))
assert number % {period} == {bad}, f"run {{number}}"
"""
NEIGHBOURS = """
import sys
state = []
def test_fills(): state.append(1)
def test_empty(): assert not state, "somebody was here"
for name in sys.argv[1:]: globals()[name]()
"""
BROKEN = 'def total(prices): return sum(prices) + 1\nassert total([1]) == 1, "wrong total"\n'
# It makes a file in the repository, and with that file it passes: run from the same files, it always fails.
ONCE = """
import pathlib
made = pathlib.Path("cache.txt")
found = made.exists()
made.write_text("")
assert found, "no cache"
"""


async def found(tmp_path: Path, source: str, target: Target, runs: int = 4) -> Reproduced:
    ground = Ground(repository(tmp_path / "repo", {"t.py": source}), tmp_path / "places")
    place = await prepared(ground, "runs")
    try:
        return await reproduce(place, target, effort(runs))
    finally:
        await place.close()


async def test_one_that_shares_state_with_the_machine_is_flaky(tmp_path: Path) -> None:
    target = Target(f"python3 t.py {tmp_path / 'counter'}")
    result = await found(tmp_path, SHARED.format(period=2, bad=0), target)
    assert (result.alone.failed, result.alone.passed) == (2, 2)
    assert counted(result, Category.BUG).category is Category.FLAKY


async def test_a_rare_one_is_found_by_running_it_more_often(tmp_path: Path) -> None:
    rare = SHARED.replace("number % {period} == {bad}", "number != 9")
    result = await found(tmp_path, rare, Target(f"python3 t.py {tmp_path / 'counter'}"), runs=3)
    assert (result.alone.failed, result.alone.passed) == (1, 11)
    assert counted(result, Category.BUG).category is Category.FLAKY


async def test_one_that_needs_its_neighbours_to_fail_is_flaky(tmp_path: Path) -> None:
    target = Target("python3 t.py test_empty", wider="python3 t.py test_fills test_empty")
    result = await found(tmp_path, NEIGHBOURS, target)
    assert result.in_company_only
    told = counted(result, Category.BUG)
    assert told.category is Category.FLAKY
    assert "passes alone (4 of 4 runs)" in told.why
    assert reproduction_of(result).command == target.wider


@pytest.mark.parametrize("source", [BROKEN, ONCE])
async def test_a_real_bug_fails_every_time(tmp_path: Path, source: str) -> None:
    result = await found(tmp_path, source, Target("python3 t.py"))
    assert (result.alone.failed, result.alone.passed) == (4, 0)
    told = counted(result, Category.BUG)
    assert (told.category, told.confidence) == (Category.BUG, 0.9)
    assert counted(result, Category.FLAKY).category is Category.BUG


async def test_what_never_fails_here_is_not_reproduced(tmp_path: Path) -> None:
    result = await found(tmp_path, "", Target("python3 t.py"), runs=2)
    assert result.alone.passed == 8
    assert counted(result, Category.BUG).category is Category.NOT_REPRODUCIBLE
    assert counted(result, Category.INFRASTRUCTURE).category is None


@pytest.mark.parametrize(
    ("command", "said", "remedied"),
    [
        ("python3 none.py", "No such file", False),
        ("no-such-program", "ended with code 127", True),
        ("python3 -m no_such_module", "No module named no_such_module", True),
        ("echo '===== 1 skipped in 0.01s ====='", "1 skipped", False),
    ],
)
async def test_a_command_that_cannot_tell_counts_for_nothing(
    tmp_path: Path, command: str, said: str, remedied: bool
) -> None:
    target = Target(command, names=frozenset({"test_total"}))
    result = await found(tmp_path, "", target)
    assert (result.alone.told, len(result.alone.runs)) == (0, 2)
    assert counted(result, Category.BUG).category is None
    assert said in trouble(result)
    assert ("--image" in remedy(result)) is remedied


async def test_the_budget_ends_the_runs(tmp_path: Path) -> None:
    ground = Ground(repository(tmp_path / "repo", {"t.py": ""}), tmp_path / "places")
    place = await prepared(ground, "runs")
    try:
        result = await reproduce(place, Target("python3 t.py"), effort(seconds=0.001))
    finally:
        await place.close()
    assert not result.alone.runs
    assert "no time left" in trouble(result)
