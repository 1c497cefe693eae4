"""The commit to look at where nothing was bisected: blame of the suspects, in what came after a good revision."""

from pathlib import Path

import pytest

from jobs.triage.inquiry.commits import Commit, candidates, with_blamed
from jobs.triage.inquiry.place import prepared
from jobs.triage.verdict import Suspect, Verdict
from tests.jobs.triage.inputs import verdict as judged
from tests.jobs.triage.inquiry.ground import Ground, git, repository, write

CART = "def total(prices):\n    return sum(prices)\n" + "\n" * 40 + "def count(prices):\n    return len(prices)\n"
TEST = "from shop import total\nassert total([1]) == 1\n"


def history(folder: Path) -> Path:
    """Commits that change, in this order: everything, line 2, line 44, the test, another file."""
    repo = repository(folder / "repo", {"shop.py": CART, "test_shop.py": TEST, "n.txt": "0"})
    for number, (name, text) in enumerate(
        (
            ("shop.py", CART.replace("sum(prices)", "sum(prices) - 1")),
            ("shop.py", CART.replace("sum(prices)", "sum(prices) - 1").replace("len(prices)", "len(list(prices))")),
            ("test_shop.py", TEST + "\n"),
            ("n.txt", "1"),
        ),
        1,
    ):
        write(repo, {name: text})
        # Commits of one second have no order by time.
        git(repo, "add", "-A")
        date = f"2026-01-0{number}T00:00:00Z"
        git(
            repo,
            "-c",
            "user.name=a",
            "-c",
            "user.email=a@b.c",
            "commit",
            "-q",
            "-m",
            f"commit {number}",
            "--date",
            date,
        )
    return repo


async def found(tmp_path: Path, repo: Path, suspects: list[Suspect], good: str = "") -> list[Commit]:
    place = await prepared(Ground(repo, tmp_path / "places"), "runs")
    try:
        return await candidates(place, suspects, good)
    finally:
        await place.close()


def suspect(path: str, line: int = 0) -> Suspect:
    return Suspect(path=path, line=line, why="")


def of(*suspects: Suspect) -> Verdict:
    return judged(b"").model_copy(update={"suspects": list(suspects)})


async def test_the_line_then_its_neighbours_then_the_file(tmp_path: Path) -> None:
    repo = history(tmp_path)
    commits = await found(tmp_path, repo, [suspect("shop.py", 2), suspect("test_shop.py")])
    assert [(one.subject, one.why) for one in commits] == [
        ("commit 1", "last changed shop.py:2"),
        ("commit 2", "touched shop.py"),
        ("commit 3", "touched test_shop.py"),
    ]
    assert with_blamed(of(suspect("shop.py", 2)), commits).suspect_commit == commits[0].sha


async def test_near_lines_count_where_the_line_itself_is_as_it_always_was(tmp_path: Path) -> None:
    repo = history(tmp_path)
    commits = await found(tmp_path, repo, [suspect("shop.py", 43)])
    assert (commits[0].subject, commits[0].why) == ("commit 2", "last to change lines near shop.py:43")
    blamed = with_blamed(of(suspect("shop.py", 43)), commits)
    assert (blamed.suspect_commit, blamed.suspect_commit_by) == (commits[0].sha, "blame")


async def test_after_a_good_revision_only_what_came_later_counts(tmp_path: Path) -> None:
    repo = history(tmp_path)
    commits = await found(tmp_path, repo, [suspect("shop.py", 2), suspect("shop.py", 44)], "HEAD~3")
    assert [one.subject for one in commits] == ["commit 2"]
    assert await found(tmp_path / "again", repo, [suspect("shop.py", 2)], "HEAD~2") == []


async def test_where_the_history_begins_nobody_is_to_blame(tmp_path: Path) -> None:
    repo = repository(tmp_path / "repo", {"shop.py": CART})
    assert await found(tmp_path, repo, [suspect("shop.py", 2), suspect("none.py", 9)]) == []


def test_tests_are_blamed_only_where_there_is_nothing_else() -> None:
    of_test = Commit("b" * 40, "", "", "last changed tests/test_shop.py:2", made=9)
    of_code = Commit("a" * 40, "", "", "touched shop.py", made=1)
    both = of(suspect("shop.py"), suspect("tests/test_shop.py", 2))
    assert with_blamed(both, [of_test, of_code]).suspect_commit == "a" * 40
    assert with_blamed(of(suspect("tests/test_shop.py", 2)), [of_test]).suspect_commit == "b" * 40


@pytest.mark.parametrize("verdict", [of(), of(suspect("a.py")).model_copy(update={"suspect_commit": "c" * 40})])
def test_a_commit_that_is_known_stays_and_without_suspects_there_is_none(verdict: Verdict) -> None:
    assert with_blamed(verdict, [Commit("a" * 40, "", "", "touched a.py", 1)]) == verdict
