"""Thinking policies against each other on the same instances: rates with their uncertainty, and what they cost. Pure.

Costs are compared on the instances that every policy finished without the infrastructure's failures, and that are
graded under every policy once any is: none is cheaper by what it left out, nor worse by what nobody graded. The cost of
a resolved instance is that of all, those that were not resolved included.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations

from agent.json_types import JsonObject, JsonValue
from jobs.batch.difference import difference
from jobs.batch.figures import Figures
from jobs.batch.reports.facts import BY_TESTS, GRADED, Facts, Run
from jobs.batch.statistics import Interval, spread, wilson


@dataclass(frozen=True, slots=True)
class ArmFigures:
    """One policy on the common instances. Tokens and seconds are sums; `computed` are prompt tokens that the cache did
    not have, and completion tokens. What is per resolved instance is None where none is.
    """

    name: str
    instances: int
    graded: bool
    resolved: int
    interval: Interval
    steps: int
    figures: Figures
    seconds: float
    median_seconds: float

    @property
    def computed(self) -> int:
        """Tokens that the server had to compute."""
        return self.figures.prompt_tokens - self.figures.cached_tokens + self.figures.completion_tokens

    @property
    def server_s(self) -> float:
        """Seconds for which the server was asked for something."""
        return self.figures.model_s + self.figures.waiting_s

    def for_each(self, value: float) -> float | None:
        """A sum by resolved instance."""
        return value / self.resolved if self.resolved else None

    def as_json(self) -> JsonObject:
        """As programs read it."""
        rate = {"rate": self.resolved / self.instances if self.instances else 0.0, **asdict(self.interval)}
        each: JsonObject = {
            "computed_tokens": self.for_each(self.computed),
            "completion_tokens": self.for_each(self.figures.completion_tokens),
            "seconds": self.for_each(self.seconds),
            "server_seconds": self.for_each(self.server_s),
        }
        return {
            "instances": self.instances,
            "resolved": self.resolved if self.graded else None,
            "resolve_rate": rate if self.graded else None,
            "steps": self.steps,
            "figures": self.figures.model_dump(mode="json"),
            "computed_tokens": self.computed,
            "seconds": round(self.seconds, 3),
            "median_seconds": round(self.median_seconds, 3),
            "server_seconds": round(self.server_s, 3),
            "per_resolved": each,
        }


@dataclass(frozen=True, slots=True)
class Comparison:
    """`left_out` are the instances that do not count, with the reason; `pairs` are two policies and McNemar's p.

    `by_instance` has every instance's facts by policy.
    """

    arms: tuple[ArmFigures, ...]
    common: tuple[str, ...]
    left_out: Mapping[str, str]
    pairs: tuple[tuple[str, str, int, int, float], ...]
    by_instance: Mapping[str, Mapping[str, Facts]]

    def flips(self) -> list[str]:
        """The common instances that some policies resolved and others did not."""
        each = {name: {it.outcome == "resolved" for it in self.by_instance[name].values()} for name in self.common}
        return [name for name, went in each.items() if len(went) > 1]

    def as_json(self) -> JsonObject:
        """As programs read it."""
        pairs: list[JsonValue] = [
            {"a": a, "b": b, "only_a": only_a, "only_b": only_b, "mcnemar_p": p}
            for a, b, only_a, only_b, p in self.pairs
        ]
        return {
            "schema_version": 1,
            "instances": list(self.common),
            "left_out": dict(self.left_out),
            "policies": {arm.name: arm.as_json() for arm in self.arms},
            "pairs": pairs,
            "by_instance": {
                name: {arm: {"outcome": it.outcome, "steps": it.status.steps, "why": it.why} for arm, it in row.items()}
                for name, row in self.by_instance.items()
            },
        }


def compare(runs: Mapping[str, Run]) -> Comparison:
    """Compare runs of the same instances by name of the policy."""
    by_arm = {name: run.by_id() for name, run in runs.items()}
    graded = any(it.outcome in BY_TESTS for run in runs.values() for it in run.facts)
    fit = GRADED if graded else (*GRADED, "ungraded")
    left_out: dict[str, str] = {}
    common: list[str] = []
    for instance_id in dict.fromkeys(name for found in by_arm.values() for name in found):
        unfit = [
            f"{it.outcome if it else 'not begun'} under {name}"
            for name, it in ((name, found.get(instance_id)) for name, found in by_arm.items())
            if it is None or it.outcome not in fit
        ]
        if unfit:
            left_out[instance_id] = ", ".join(unfit)
        else:
            common.append(instance_id)
    arms = tuple(_arm(name, [found[instance_id] for instance_id in common]) for name, found in by_arm.items())
    rows = {name: {arm: found[name] for arm, found in by_arm.items() if name in found} for name in [*common, *left_out]}
    return Comparison(arms, tuple(common), left_out, tuple(_pairs(runs)), rows)


def _arm(name: str, facts: Sequence[Facts]) -> ArmFigures:
    statuses = [it.status for it in facts]
    resolved = sum(it.outcome == "resolved" for it in facts)
    return ArmFigures(
        name=name,
        instances=len(facts),
        graded=any(it.outcome in BY_TESTS for it in facts),
        resolved=resolved,
        interval=wilson(resolved, len(facts)),
        steps=sum(status.steps for status in statuses),
        figures=sum((status.figures for status in statuses), Figures()),
        seconds=sum(status.seconds for status in statuses),
        median_seconds=spread([status.seconds for status in statuses]).median,
    )


def _pairs(runs: Mapping[str, Run]) -> Iterable[tuple[str, str, int, int, float]]:
    for a, b in combinations(runs, 2):
        found = difference(runs[a], runs[b])
        yield a, b, found.only("A"), found.only("B"), found.p
