"""The statistics of runs: how sure a rate is, whether two runs differ, what several attempts are worth. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

# Two-sided 95 %.
Z95 = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Interval:
    """A range of rates, 0 to 1."""

    low: float
    high: float


def wilson(well: int, total: int, z: float = Z95) -> Interval:
    """Wilson's score interval of a rate: right also for few instances and for rates at 0 and 1 (Wilson 1927)."""
    if not total:
        return Interval(0.0, 1.0)
    rate, square = well / total, z * z
    middle = (rate + square / (2 * total)) / (1 + square / total)
    reach = z * math.sqrt(rate * (1 - rate) / total + square / (4 * total * total)) / (1 + square / total)
    low, high = max(middle - reach, 0.0), min(middle + reach, 1.0)
    # At both ends the interval holds the rate itself; rounding must not push it out.
    return Interval(0.0 if well == 0 else low, 1.0 if well == total else high)


def mcnemar(only_a: int, only_b: int) -> float:
    """The exact two-sided p of McNemar's test: how likely flips this uneven are when both runs are equally good.

    `only_a` and `only_b` count the instances that one run alone resolved; those that both or none did say nothing.
    """
    flips, fewer = only_a + only_b, min(only_a, only_b)
    if not flips:
        return 1.0
    tail = sum(math.comb(flips, number) for number in range(fewer + 1))
    return min(1.0, float(Fraction(2 * tail, 2**flips)))


def pass_at(k: int, attempts: int, well: int) -> float | None:
    """The unbiased estimate that one of `k` attempts is right, from `well` of `attempts` (Chen et al. 2021).

    None when there are fewer attempts than that.
    """
    if not 0 < k <= attempts:
        return None
    return float(1 - Fraction(math.comb(attempts - well, k), math.comb(attempts, k)))


def quantile(values: Sequence[float], share: float) -> float:
    """The quantile of a sample by linear interpolation; 0 for an empty one."""
    if not values:
        return 0.0
    ordered = sorted(values)
    at = share * (len(ordered) - 1)
    low = math.floor(at)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (at - low)


@dataclass(frozen=True, slots=True)
class Spread:
    """How a figure is spread over the instances."""

    count: int
    mean: float
    median: float
    p90: float
    largest: float


def spread(values: Sequence[float]) -> Spread:
    """The spread of a sample; all 0 for an empty one."""
    if not values:
        return Spread(0, 0.0, 0.0, 0.0, 0.0)
    mean = math.fsum(values) / len(values)
    return Spread(len(values), mean, quantile(values, 0.5), quantile(values, 0.9), max(values))


@dataclass(frozen=True, slots=True)
class Bin:
    """How many values lie from `low` up to `high` (the last bin holds its upper end too)."""

    low: float
    high: float
    count: int


def histogram(values: Sequence[float], most: int = 20) -> list[Bin]:
    """Bins of one round width (1, 2 or 5 times a power of ten), from 0, at most `most`; none for no values."""
    if not values:
        return []
    top = max(values)
    width = _round_width(top / most)
    count = max(math.ceil(top / width), 1)
    counts = [0] * count
    for value in values:
        counts[min(max(int(value / width), 0), count - 1)] += 1
    return [Bin(at * width, (at + 1) * width, number) for at, number in enumerate(counts)]


def _round_width(least: float) -> float:
    """The smallest 1, 2 or 5 times a power of ten that is at least this; 1 for nothing."""
    if least <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(least))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= least)
