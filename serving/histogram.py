"""Prometheus histograms: cumulative counts by upper bound, and the quantiles that can be told from them."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Histogram:
    """`counts[bound]` observations were at most `bound` (in the metric's unit); the last bound is infinite."""

    counts: Mapping[float, float]

    @property
    def total(self) -> float:
        """All observations."""
        return max(self.counts.values(), default=0.0)

    def since(self, before: "Histogram") -> "Histogram | None":
        """What was observed after `before`; None when the server has begun to count anew."""
        counts = {bound: count - before.counts.get(bound, 0.0) for bound, count in self.counts.items()}
        return None if any(count < 0 for count in counts.values()) else Histogram(counts)

    def quantile(self, share: float) -> float | None:
        """The value below which `share` (0 to 1) of the observations lie, linear within a bucket; None without any.

        In the open last bucket it is that bucket's lower bound, as Prometheus' histogram_quantile has it.
        """
        wanted = share * self.total
        if self.total <= 0:
            return None
        lower, below = 0.0, 0.0
        for bound, count in sorted(self.counts.items()):
            if count >= wanted and count > below:
                if math.isinf(bound):
                    return lower
                return lower + (bound - lower) * max(wanted - below, 0.0) / (count - below)
            lower, below = bound, count
        return lower


def summed(buckets: Iterable[tuple[float, float]]) -> Histogram | None:
    """One histogram from the buckets (bound, count) of several engines; None when there are none."""
    counts: dict[float, float] = {}
    for bound, count in buckets:
        counts[bound] = counts.get(bound, 0.0) + count
    return Histogram(counts) if counts else None
