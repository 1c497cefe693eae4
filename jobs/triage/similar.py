"""Which texts say the same: TF-IDF over words and pairs of words, cosine, an inverted index; no service, no model.

Numbers, paths and times count as their kind (`jobs.triage.clusters.signature`), so that two reports of one failure from
different machines meet.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from itertools import pairwise

from jobs.triage.clusters import signature

ALIKE = 0.6
"""Cosine from which two texts count as duplicates."""
_MOST_TEXT = 20_000
_WORD = re.compile(r"[^\W\d_]{2,}|<\w+>")


def terms(text: str) -> Counter[str]:
    """Words and pairs of neighbours, weighed by how often they come."""
    words: list[str] = []
    for line in text[:_MOST_TEXT].splitlines():
        words += (word.lower() for word in _WORD.findall(signature(line)))
    return Counter(words) + Counter(f"{one} {other}" for one, other in pairwise(words))


class Similar:
    """Texts by name. Adding and asking cost what the texts have in common, not how many there are."""

    def __init__(self) -> None:
        self._terms: dict[str, Counter[str]] = {}
        self._where: defaultdict[str, set[str]] = defaultdict(set)

    def add(self, name: str, text: str) -> None:
        """Add a text; one of the same name is replaced."""
        for term in self._terms.get(name, ()):
            self._where[term].discard(name)
        self._terms[name] = found = terms(text)
        for term in found:
            self._where[term].add(name)

    def like(self, name: str, least: float = ALIKE) -> list[tuple[str, float]]:
        """The other texts that are alike, most alike first, names in order where equal; with their cosine, 0 to 1."""
        mine = self._weights(name)
        near: Iterable[str] = {other for term in mine for other in self._where[term] if other != name}
        scored = ((other, _cosine(mine, self._weights(other))) for other in near)
        return sorted(((other, score) for other, score in scored if score >= least), key=lambda one: (-one[1], one[0]))

    def _weights(self, name: str) -> dict[str, float]:
        count = len(self._terms)
        return {
            term: (1 + math.log(times)) * (math.log((1 + count) / (1 + len(self._where[term]))) + 1)
            for term, times in self._terms[name].items()
        }


def _cosine(one: dict[str, float], other: dict[str, float]) -> float:
    dot = sum(weight * other.get(term, 0.0) for term, weight in one.items())
    size = math.sqrt(sum(w * w for w in one.values()) * sum(w * w for w in other.values()))
    return min(dot / size, 1.0) if size else 0.0
