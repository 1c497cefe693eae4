"""Which attempt's patch is handed in, from how it fared in the tests of all attempts and how many agree. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

from jobs.batch.choose.patches import Parts


class Scored(BaseModel):
    """An attempt in the choice. `passed` of `suites` went well with its patch; `agreeing` attempts say the same."""

    model_config = ConfigDict(frozen=True)

    attempt: str
    submitted: bool
    passed: int = 0
    suites: int = 0
    agreeing: int = 1
    patch_bytes: int = 0


class Choice(BaseModel):
    """`attempt` is "" when no attempt came to a patch; `candidates` are in the order of the ranking."""

    model_config = ConfigDict(frozen=True)

    instance_id: str
    attempt: str
    reason: str
    candidates: tuple[Scored, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """One attempt's patch, taken apart. `submitted` says that the agent itself was done."""

    attempt: str
    patch: str
    parts: Parts
    submitted: bool

    @property
    def changes(self) -> bool:
        """Whether it changes anything but tests."""
        return bool(self.parts.meaning)


def distinct(candidates: Sequence[Candidate]) -> list[Candidate]:
    """The first of each meaning, of those that change anything."""
    first: dict[object, Candidate] = {}
    for candidate in candidates:
        if candidate.changes:
            first.setdefault(candidate.parts.meaning, candidate)
    return list(first.values())


def choose(
    instance_id: str, candidates: Sequence[Candidate], results: Mapping[str, Sequence[bool]] | None = None
) -> Choice:
    """Rank the attempts. `results` are, by the attempt that stands for a meaning, how each suite went with its patch.

    First comes what passes most suites, then what most attempts agree on, then what its agent handed in itself, then
    the smallest change, then the earliest attempt.
    """
    results = results or {}
    votes = Counter(candidate.parts.meaning for candidate in candidates if candidate.changes)
    heads = {head.parts.meaning: head.attempt for head in distinct(candidates)}
    scored: list[Scored] = []
    for candidate in candidates:
        if candidate.changes:
            went = results.get(heads[candidate.parts.meaning], ())
            scored.append(
                Scored(
                    attempt=candidate.attempt,
                    submitted=candidate.submitted,
                    passed=sum(went),
                    suites=len(went),
                    agreeing=votes[candidate.parts.meaning],
                    patch_bytes=len(candidate.patch.encode("utf-8", "replace")),
                )
            )
    order = {candidate.attempt: at for at, candidate in enumerate(candidates)}
    scored.sort(key=lambda it: (-it.passed, -it.agreeing, not it.submitted, it.patch_bytes, order[it.attempt]))
    if not scored:
        return Choice(instance_id=instance_id, attempt="", reason="no attempt changed the program")
    return Choice(instance_id=instance_id, attempt=scored[0].attempt, reason=_reason(scored), candidates=tuple(scored))


def _reason(scored: Sequence[Scored]) -> str:
    best = scored[0]
    told = f"{best.agreeing} of {len(scored)} attempts agree"
    if best.suites:
        told = f"passes {best.passed} of {best.suites} test suites of the attempts; {told}"
    return told
