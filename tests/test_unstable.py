"""A failure is called unstable only when the test passes alone, each time, and when few failed."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.unstable import MOST, TIMES, failed, judge


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


def test_a_run_that_failed_otherwise_stays_failed(tmp_path: Path) -> None:
    assert failed(tmp_path / "lastfailed") == []
    assert judge([], Runs([])) == ["The run failed, but not by a test."]


def test_the_record_is_pytests_own(tmp_path: Path) -> None:
    record = tmp_path / "lastfailed"
    record.write_text(json.dumps({"b::c[x y]": True, "a::b": True}))
    assert failed(record) == ["a::b", "b::c[x y]"]
