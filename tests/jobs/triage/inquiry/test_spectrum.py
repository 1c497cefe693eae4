"""Suspects by the calls of failing and passing tests."""

import sys
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from jobs.triage.inquiry.place import prepared
from jobs.triage.inquiry.spectrum import Called, Spectrum, ochiai, parsed, suspects_of, traced
from jobs.triage.inquiry.target import Target
from tests.jobs.triage.inquiry.ground import Ground, effort, repository

FILES = {
    "shop/__init__.py": "",
    "shop/cart.py": "from shop import money, tax\ndef total(prices):\n    return money.add(prices) + tax.of(prices)\n",
    "shop/money.py": "def add(prices):\n    return sum(prices)\n",
    "shop/tax.py": "def of(prices):\n    return reduced(prices) if len(prices) > 1 else 0\n"
    "def reduced(prices):\n    return 1\n",
    "tests/test_cart.py": "import pytest\nfrom shop.cart import total\n"
    "def test_one(): assert total([1]) == 1\n"
    "def test_none(): assert total([]) == 0\n"
    "@pytest.mark.skip\ndef test_skipped(): total([1, 2])\n"
    "def test_two(): assert total([1, 2]) == 3\n",
}


async def test_what_only_the_failing_test_calls_comes_first(tmp_path: Path) -> None:
    place = await prepared(Ground(repository(tmp_path / "repo", FILES), tmp_path / "places"), "runs")
    try:
        await place.sandbox.run(f"export PATH={Path(sys.executable).parent}:$PATH", timeout_s=9)
        target = Target("python -m pytest tests/test_cart.py::test_two", "python -m pytest tests/test_cart.py")
        spectrum = await traced(place, target, effort())
    finally:
        await place.close()
    assert spectrum
    assert (spectrum.failed, spectrum.passed) == (1, 2)
    first, *others = suspects_of(spectrum, frozenset(FILES))
    assert (first.path, first.line) == ("shop/tax.py", 3)
    assert first.why == "reduced is called by 1 of 1 failing and 0 of 2 passing tests"
    assert {one.path for one in others} == {"shop/cart.py", "shop/money.py"}


def test_only_files_of_the_repository_are_named() -> None:
    functions = tuple(Called(path, 1, "f", 1, 0) for path in ("/etc/passwd", "../x.py", "tests/test_x.py", "a.py"))
    assert [one.path for one in suspects_of(Spectrum(1, 0, functions), frozenset({"a.py", "tests/test_x.py"}))] == [
        "a.py"
    ]


def test_what_is_no_spectrum_is_none() -> None:
    assert parsed(b"no JSON") is None
    found = parsed(b'{"failed": -3, "passed": "x", "functions": [1, ["a.py"], [1, 2, 3, 4, 5], null]}')
    assert found == Spectrum(0, 0, (Called("", 2, "", 4, 5),))


@given(st.integers(1, 50), st.integers(0, 50), st.integers(0, 50))
def test_ochiai(failed: int, called: int, passed: int) -> None:
    called = min(called, failed)
    score = ochiai(Called("a.py", 1, "f", called, passed), failed)
    assert 0 <= score <= 1
    assert (score == 1) == (called == failed and passed == 0)
    assert score >= ochiai(Called("a.py", 1, "f", called, passed + 1), failed)
