"""Statistics: against published values, brute force and their own laws."""

import math
from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.batch.statistics import histogram, mcnemar, pass_at, quantile, spread, wilson

VALUES = st.lists(st.floats(0, 1e9, allow_nan=False), min_size=1, max_size=60)


@given(st.integers(1, 400), st.data())
def test_wilson_holds_the_rate_and_mirrors(total: int, data: st.DataObject) -> None:
    well = data.draw(st.integers(0, total))
    interval, mirrored = wilson(well, total), wilson(total - well, total)
    assert 0 <= interval.low <= well / total <= interval.high <= 1
    assert interval.low == pytest.approx(1 - mirrored.high, abs=1e-9)
    assert interval.high - interval.low <= wilson(0, 1).high - wilson(0, 1).low + 1e-9


def test_wilson_of_published_examples() -> None:
    # 81 of 263: Newcombe 1998, table I, method 3; 0 of 20 and 1 of 29 likewise.
    for well, total, low, high in ((81, 263, 0.2553, 0.3662), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)):
        interval = wilson(well, total)
        assert (interval.low, interval.high) == pytest.approx((low, high), abs=5e-5)
    assert (wilson(0, 0).low, wilson(0, 0).high) == (0.0, 1.0)


@given(st.integers(0, 14), st.integers(0, 14))
def test_mcnemar_is_the_share_of_outcomes_at_least_as_uneven(a: int, b: int) -> None:
    flips = a + b
    uneven = sum(math.comb(flips, k) for k in range(flips + 1) if abs(2 * k - flips) >= abs(a - b))
    assert mcnemar(a, b) == pytest.approx(uneven / 2**flips)
    assert mcnemar(a, b) == mcnemar(b, a)


def test_mcnemar_of_known_tables() -> None:
    assert mcnemar(0, 0) == 1.0
    assert mcnemar(1, 5) == pytest.approx(0.21875)
    assert mcnemar(2, 12) == pytest.approx(0.0129, abs=1e-4)
    assert mcnemar(3000, 3100) > 0.1


@given(st.integers(1, 9), st.data())
def test_pass_at_k_is_the_share_of_subsets_with_a_right_one(attempts: int, data: st.DataObject) -> None:
    well, k = data.draw(st.integers(0, attempts)), data.draw(st.integers(1, attempts))
    right = [number < well for number in range(attempts)]
    subsets = [any(subset) for subset in combinations(right, k)]
    assert pass_at(k, attempts, well) == pytest.approx(sum(subsets) / len(subsets))


def test_pass_at_k_needs_k_attempts() -> None:
    assert pass_at(3, 2, 2) is None
    assert pass_at(1, 4, 1) == 0.25


@given(VALUES)
def test_every_value_is_in_one_bin(values: list[float]) -> None:
    bins = histogram(values)
    assert sum(part.count for part in bins) == len(values)
    assert len(bins) <= 20
    assert bins[0].low == 0
    assert bins[-1].high >= max(values) * (1 - 1e-9)
    for before, after in pairwise(bins):
        assert before.high == after.low


@given(VALUES)
def test_quantiles_are_ordered_and_within(values: list[float]) -> None:
    found = spread(values)
    assert min(values) <= found.median <= found.p90 <= found.largest == max(values)
    assert quantile(values, 0) == min(values)


def test_nothing_is_spread_over_nothing() -> None:
    assert (spread([]).count, histogram([]), quantile([], 0.5)) == (0, [], 0.0)
