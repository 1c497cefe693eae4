"""The images of grading come from the same stock as those of the runs: one budget, one word on pulling."""

from pathlib import Path

import pytest

from cli.batch.arms import Conclusion, Plan
from jobs.batch.evaluation import Evaluation
from jobs.batch.place import DockerPlaces
from jobs.batch.prediction_files import write_patches
from jobs.batch.rows import GradedInstance
from jobs.batch.stock import GIB, Stock, StockRules
from jobs.batch.workers import Fixed
from sandboxes.protocol import Limits
from tests.fakes.images import FakeImages
from tests.jobs.places import raw_row

NAMES = ["acme__calc-1", "acme__calc-2"]


@pytest.fixture(autouse=True)
def no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trials end where their container would begin: what is looked at here comes before."""
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")


def rows() -> list[GradedInstance]:
    return [GradedInstance.model_validate(raw_row(name)) for name in NAMES]


def hosted() -> FakeImages:
    return FakeImages({row.container_image: [(row.instance_id, GIB)] for row in rows()})


def evaluation(folder: Path, images: Stock, patch: str = "p") -> Evaluation:
    patches = dict.fromkeys(NAMES, patch)
    return Evaluation(rows(), patches, folder / "out", Limits(), 1, 2, lambda line: None, images=images)


async def test_never_pulled_is_never_pulled_for_grading(tmp_path: Path) -> None:
    host = hosted()
    results = await evaluation(tmp_path, Stock(host, tmp_path / "images.json", StockRules(pull="never"))).run()
    assert host.pulled == []
    assert [result.verdict for result in results] == ["infra_failure"] * 2
    assert all("pulling is off (--pull never)" in result.reason for result in results)


async def test_grading_keeps_within_the_budget_and_leaves_no_image(tmp_path: Path) -> None:
    host = hosted()
    await evaluation(tmp_path, Stock(host, tmp_path / "images.json", StockRules(budget_bytes=GIB))).run()
    assert sorted(host.pulled) == sorted(host.removed) == sorted(row.container_image for row in rows())
    assert host.most_bytes <= GIB


async def test_what_needs_no_container_needs_no_image(tmp_path: Path) -> None:
    host = hosted()
    empty = evaluation(tmp_path, Stock(host, tmp_path / "images.json"), patch="")
    assert empty.to_run() == []
    assert [result.verdict for result in await empty.run()] == ["empty_patch"] * 2
    assert host.pulled == []


async def test_an_image_is_pulled_once_for_all_runs_of_a_comparison(tmp_path: Path) -> None:
    host = hosted()
    stock = Stock(host, tmp_path / "images.json")
    plan = Plan("compare", tmp_path, {name: tmp_path / name for name in ("always", "never")})
    for folder in plan.folders.values():
        folder.mkdir()
        write_patches(folder, "m", dict.fromkeys(NAMES, b"p"))
    end = Conclusion(plan, [], "m", DockerPlaces(Limits(), stock), stock, Limits(), Fixed(1), 1, lambda line: None)
    await end.grade(rows())
    assert sorted(host.pulled) == sorted(row.container_image for row in rows())
    assert host.here == {}
