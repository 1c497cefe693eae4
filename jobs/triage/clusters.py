"""Thousands of failures, few causes: the same error with other numbers, paths and times is the same cause."""

import re
from dataclasses import dataclass, field

from jobs.triage.failures import Failure

MOST_CLUSTERS = 500
MOST_EXAMPLES = 5
MOST_NAMES = 20_000
_PATTERNS = (
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?"), "<time>"),
    (re.compile(r"\b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b"), "<uuid>"),
    (re.compile(r"\b0x[0-9a-fA-F]+\b"), "<hex>"),
    (re.compile(r"\b(?=[0-9a-f]*\d)[0-9a-f]{7,64}\b"), "<hex>"),
    (re.compile(r"(?<![\w.])(?:[A-Za-z]:)?(?:/[\w.@+-]+){2,}/?"), "<path>"),
    (re.compile(r"\b\d+(?:\.\d+)?(?:ms|s|m|KB|MB|GB|KiB|MiB|GiB)\b"), "<amount>"),
    (re.compile(r"\d+(?:\.\d+)?"), "<n>"),
    (re.compile(r"\s+"), " "),
)


def signature(message: str) -> str:
    """A message without what differs from run to run."""
    message = message[:400]
    for pattern, word in _PATTERNS:
        message = pattern.sub(word, message)
    return message.strip()


def plain_name(name: str) -> str:
    """A test's name as every report can write it: pytest's ids and JUnit's classes differ in what stands between."""
    return re.sub(r"\.py(?=::|$)", "", name).replace("/", ".").replace("::", ".")


@dataclass(slots=True)
class Cluster:
    """Failures of one cause: how many, the first few of them, and the names of the tests."""

    first: Failure
    count: int = 0
    examples: list[Failure] = field(default_factory=list[Failure])


class Clusters:
    """Gathers failures in bounded memory; what found no room is counted."""

    def __init__(self) -> None:
        self._by_cause: dict[tuple[str, str, str, str], Cluster] = {}
        self.names: set[str] = set()
        self.left_out = 0

    def add(self, failure: Failure) -> None:
        """Count one failure with its cause. Of the message only the form counts, of the place the file."""
        place = failure.frames[-1] if failure.frames else None
        where = place.path.rpartition("/")[2] if place else ""
        key = (failure.kind.value, failure.error, signature(failure.message), where)
        cluster = self._by_cause.get(key)
        if cluster is None:
            if len(self._by_cause) >= MOST_CLUSTERS:
                self.left_out += 1
                return
            cluster = self._by_cause[key] = Cluster(failure)
        cluster.count += 1
        if len(cluster.examples) < MOST_EXAMPLES:
            cluster.examples.append(failure)
        if len(self.names) < MOST_NAMES:
            self.names.add(plain_name(failure.name))

    def ranked(self) -> list[Cluster]:
        """Strong before weak, then the frequent before the rare, then in order of appearance."""
        return sorted(self._by_cause.values(), key=lambda cluster: (cluster.first.weak, -cluster.count))
