"""The first bad commit of made histories."""

import math
from pathlib import Path

import pytest

from jobs.triage.inquiry.bisect import AUTO, Bisected, Bisection
from jobs.triage.inquiry.culprit import with_culprit
from jobs.triage.inquiry.place import prepared
from jobs.triage.inquiry.target import Target
from jobs.triage.verdict import Category, Suspect
from tests.jobs.triage.inputs import verdict as judged
from tests.jobs.triage.inquiry.ground import Ground, commit, effort, git, repository, write

GOOD = "def total(prices):\n    return sum(prices) + 0\n"
# As long as the good one, and often of the same second: bytecode of the one must not pass for the other.
BAD = GOOD.replace("+ 0", "+ 1")
TEST = "from shop import total\nassert total([1, 2]) == 3, 'wrong total'\n"
TARGET = Target("python3 check.py", causes=frozenset({("AssertionError", "AssertionError: wrong total")}))


def history(folder: Path, commits: int, bad: int, broken: range = range(0), tested: int = 0) -> Path:
    """`commits` commits, of which number `bad` brings the failure; `broken` ones cannot be imported."""
    repo = repository(folder / "repo", {"shop.py": GOOD})
    for number in range(1, commits):
        source = GOOD if number < bad else BAD
        files = {"shop.py": "import gone\n" + source if number in broken else source, "n.txt": str(number)}
        write(repo, files | ({"check.py": TEST} if number >= tested else {}))
        commit(repo, f"commit {number}")
    return repo


async def searched(tmp_path: Path, repo: Path, good: str, target: Target = TARGET) -> Bisected:
    place = await prepared(Ground(repo, tmp_path / "places"), "bisect")
    try:
        return await Bisection(place, target, effort()).search(good)
    finally:
        await place.close()


def number_of(repo: Path, found: Bisected) -> str:
    return git(repo, "show", "-s", "--format=%s", found.commit)


async def test_among_64_commits(tmp_path: Path) -> None:
    repo = history(tmp_path, 64, bad=37)
    found = await searched(tmp_path, repo, "HEAD~62")
    assert number_of(repo, found) == "commit 37"
    assert found.tried <= 1 + math.ceil(math.log2(63)) + 1


async def test_a_good_revision_is_searched_back(tmp_path: Path) -> None:
    repo = history(tmp_path, 20, bad=15)
    found = await searched(tmp_path, repo, AUTO)
    assert number_of(repo, found) == "commit 15"


async def test_commits_that_cannot_run_are_skipped(tmp_path: Path) -> None:
    repo = history(tmp_path, 16, bad=9, broken=range(4, 8))
    found = await searched(tmp_path, repo, "HEAD~14")
    assert number_of(repo, found) == "commit 9"


async def test_the_test_of_today_is_carried_to_commits_without_it(tmp_path: Path) -> None:
    repo = history(tmp_path, 12, bad=5, tested=11)
    target = Target(TARGET.command, causes=TARGET.causes, test_files=("check.py",))
    found = await searched(tmp_path, repo, "HEAD~10", target)
    assert number_of(repo, found) == "commit 5"


@pytest.mark.parametrize(
    ("good", "said"),
    [("HEAD", "fails there too"), ("v9", "not in the sandbox's history"), ("--upload-pack=id", "not in the sandbox's")],
)
async def test_no_good_revision(tmp_path: Path, good: str, said: str) -> None:
    found = await searched(tmp_path, history(tmp_path, 4, bad=2), good)
    assert not found.commit
    assert said in found.why


async def test_always_bad(tmp_path: Path) -> None:
    found = await searched(tmp_path, history(tmp_path, 5, bad=0), AUTO)
    assert not found.commit
    assert "no earlier commit at hand passes" in found.why


async def test_of_a_commit_what_was_suspected_already_comes_first(tmp_path: Path) -> None:
    repo = history(tmp_path, 8, bad=5)
    place = await prepared(Ground(repo, tmp_path / "places"), "runs")
    verdict = judged(b"ERROR: nothing known\n").model_copy(
        update={"category": Category.BUG, "suspects": [Suspect(path="shop.py", line=2, why="called")]}
    )
    try:
        found = await with_culprit(
            place, verdict, Bisected(git(repo, "rev-parse", "HEAD~2"), 3, "the first bad commit")
        )
    finally:
        await place.close()
    assert [(one.path, one.line) for one in found.suspects] == [("shop.py", 2), ("n.txt", 0)]
    assert (found.category, found.suspect_commit_by) == (Category.REGRESSION, "bisect")
    assert found.labels[0] == "regression"
