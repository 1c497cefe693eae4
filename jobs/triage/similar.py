"""Which texts say the same: TF-IDF over words and pairs of words, cosine, an inverted index; no service, no model.

Numbers, paths and times count as their kind (`jobs.triage.clusters.signature`), so that two reports of one failure from
different machines meet.

Texts that are alike share a rare word: with a text's terms from rare to common and its vector of length 1, what comes
after the part that leaves a rest shorter than the threshold cannot make up for it (Bayardo and others, "Scaling up all
pairs similarity search", 2007). So each text is compared with those only that share a term of that part.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cached_property
from itertools import islice, pairwise

from jobs.triage.clusters import signature

ALIKE = 0.6
"""Cosine from which two texts count as duplicates."""
MOST_COMPARED = 300
"""Texts that one is compared with, those that share its rarest terms first: of more, thousands are nearly the same."""
_MOST_TEXT = 20_000
_WORD = re.compile(r"[^\W\d_]{2,}|<\w+>")


def terms(text: str) -> Counter[str]:
    """Words and pairs of neighbours, weighed by how often they come."""
    words: list[str] = []
    for line in text[:_MOST_TEXT].splitlines():
        words += (word.lower() for word in _WORD.findall(signature(line)))
    return Counter(words) + Counter(f"{one} {other}" for one, other in pairwise(words))


class Similar:
    """Texts by name, in the order given. Asking costs what a text has in common with others, not how many there are."""

    def __init__(self, texts: dict[str, str]) -> None:
        self._terms = {name: terms(text) for name, text in texts.items()}
        self.compared = 0

    @cached_property
    def _where(self) -> dict[str, list[str]]:
        where: defaultdict[str, list[str]] = defaultdict(list)
        for name, found in self._terms.items():
            for term in found:
                where[term].append(name)
        return dict(where)

    @cached_property
    def _vectors(self) -> dict[str, dict[str, float]]:
        return {name: self._vector(found) for name, found in self._terms.items()}

    def like(self, name: str, least: float = ALIKE) -> list[tuple[str, float]]:
        """The other texts that are alike, most alike first, names in order where equal; with their cosine, 0 to 1."""
        mine = self._vectors[name]
        near = list(islice(self._near(name, mine, least), MOST_COMPARED))
        self.compared += len(near)
        scored = ((other, _product(mine, self._vectors[other])) for other in near)
        return sorted(((other, score) for other, score in scored if score >= least), key=lambda one: (-one[1], one[0]))

    def _near(self, name: str, mine: dict[str, float], least: float) -> Iterator[str]:
        """Texts that share one of the terms without which none can be alike, those of the rarest first."""
        seen, rest = {name}, 1.0
        for term in sorted(mine, key=lambda one: (len(self._where[one]), one)):
            # A hair's breadth for sums of floating point.
            if rest < least * least - 1e-9:
                return
            for other in self._where[term]:
                if other not in seen:
                    seen.add(other)
                    yield other
            rest -= mine[term] ** 2

    def _vector(self, found: Counter[str]) -> dict[str, float]:
        count = len(self._terms)
        weights = {
            term: (1 + math.log(times)) * (math.log((1 + count) / (1 + len(self._where[term]))) + 1)
            for term, times in found.items()
        }
        size = math.sqrt(sum(weight * weight for weight in weights.values()))
        return {term: weight / size for term, weight in weights.items()}


def _product(one: dict[str, float], other: dict[str, float]) -> float:
    small, large = (one, other) if len(one) <= len(other) else (other, one)
    # The same sum for both orders, and no more than 1 for what floating point adds.
    return min(math.fsum(weight * large.get(term, 0.0) for term, weight in small.items()), 1.0)
