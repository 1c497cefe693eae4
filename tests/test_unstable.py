"""A failure is called unstable only when the test passes alone, each time, and when few failed."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.unstable import MOST, TIMES, failed, judge

pytest_plugins = ["pytester"]


class Runs:
    def __init__(self, results: Sequence[bool]) -> None:
        self.results = list(results)
        self.names: list[str] = []

    def __call__(self, name: str) -> bool:
        self.names.append(name)
        return self.results.pop(0)


def test_a_test_that_passes_alone_each_time_is_unstable() -> None:
    runs = Runs([True] * TIMES)
    assert judge(["a::b"], runs) == []
    assert runs.names == ["a::b"] * TIMES


@pytest.mark.parametrize("at", range(TIMES))
def test_one_failure_alone_is_a_failure(at: int) -> None:
    results = [True] * TIMES
    results[at] = False
    assert judge(["a::b"], Runs(results)) == ["a::b fails alone too."]


def test_many_failures_are_not_run_again() -> None:
    runs = Runs([])
    assert judge([f"a::{number}" for number in range(MOST + 1)], runs) != []
    assert runs.names == []


def kept(cache: Path, status: int) -> Path:
    for name, value in (("cache/lastfailed", {"b::c[x y]": True, "a::b": True}), ("qwright/exitstatus", status)):
        (cache / name).parent.mkdir(parents=True)
        (cache / name).write_text(json.dumps(value))
    return cache


def test_a_run_that_failed_otherwise_stays_failed(tmp_path: Path) -> None:
    assert failed(tmp_path) == []
    assert failed(kept(tmp_path, pytest.ExitCode.INTERNAL_ERROR)) == []
    assert judge([], Runs([])) == ["The run failed, but not by a test."]


def test_the_record_is_pytests_own(tmp_path: Path) -> None:
    assert failed(kept(tmp_path, pytest.ExitCode.TESTS_FAILED)) == ["a::b", "b::c[x y]"]


def test_a_real_run_leaves_the_record(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(Path(__file__).with_name("conftest.py").read_text(encoding="utf-8"))
    pytester.makepyfile(test_it="def test_a() -> None:\n    assert 0\n\n\ndef test_b() -> None:\n    pass\n")
    assert pytester.runpytest_subprocess("-q").ret == pytest.ExitCode.TESTS_FAILED
    assert failed(pytester.path / ".pytest_cache" / "v") == ["test_it.py::test_a"]
