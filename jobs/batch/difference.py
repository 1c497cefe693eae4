"""Two runs side by side: which instances flipped and why, and whether the difference can be chance."""

import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from agent.json_types import JsonObject, JsonValue
from agent.log import SessionLog
from jobs.batch.figures import Figures
from jobs.batch.reports.facts import Facts, Run
from jobs.batch.reports.phases import phases, sums_of
from jobs.batch.reports.summary import resolve_rate
from jobs.batch.statistics import mcnemar
from jobs.batch.steps import CallShown, session_shown
from jobs.batch.store import InstanceFolder

Side: TypeAlias = Literal["A", "B"]
_SHOWN_TESTS = 3


@dataclass(frozen=True, slots=True)
class Flip:
    """An instance that one side alone resolved. `parting` says where the two sessions first did something else."""

    instance_id: str
    resolved_by: Side
    a: Facts
    b: Facts
    parting: str = ""

    @property
    def loser(self) -> Facts:
        """The side that did not resolve it."""
        return self.b if self.resolved_by == "A" else self.a


@dataclass(frozen=True, slots=True)
class Difference:
    """`compared` were graded on both sides; `left_out` says why the others were not. `p` is McNemar's, exact."""

    both: int
    neither: int
    flips: tuple[Flip, ...]
    left_out: Mapping[str, str]
    p: float

    @property
    def compared(self) -> int:
        """How many instances were graded on both sides."""
        return self.both + self.neither + len(self.flips)

    def only(self, side: Side) -> int:
        """How many one side alone resolved."""
        return sum(flip.resolved_by == side for flip in self.flips)


def difference(a: Run, b: Run) -> Difference:
    """Compare by instance. What the infrastructure ended on either side says nothing of the two and is left out."""
    ones, others = a.by_id(), b.by_id()
    both = neither = 0
    flips: list[Flip] = []
    left_out: dict[str, str] = {}
    for name in sorted({*ones, *others}):
        one, other = ones.get(name), others.get(name)
        if one is None or other is None:
            left_out[name] = f"only in {'B' if one is None else 'A'}"
        elif unfit := [
            f"{it.outcome} in {side}"
            for side, it in (("A", one), ("B", other))
            if it.outcome in ("infra", "crashed", "running", "ungraded")
        ]:
            left_out[name] = ", ".join(unfit)
        elif one.outcome == other.outcome == "resolved":
            both += 1
        elif "resolved" in (one.outcome, other.outcome):
            flips.append(Flip(name, "A" if one.outcome == "resolved" else "B", one, other))
        else:
            neither += 1
    only_a = sum(flip.resolved_by == "A" for flip in flips)
    return Difference(both, neither, tuple(flips), left_out, mcnemar(only_a, len(flips) - only_a))


def parting(a: Path, b: Path, instance_id: str) -> str:
    """The first step at which the two sessions of an instance made other calls; "" when a log is not to be had."""
    ones, others = (_calls(InstanceFolder(out / instance_id)) for out in (a, b))
    if ones is None or others is None:
        return ""
    for number in range(max(len(ones), len(others))):
        one, other = (steps[number] if number < len(steps) else "nothing more" for steps in (ones, others))
        if one != other:
            return f"They part at step {number + 1}: A {one}; B {other}."
    return "Both made the same calls."


def _calls(folder: InstanceFolder) -> list[str] | None:
    """What each step of a session did, in short."""
    try:
        log = SessionLog.open(folder.log, create=False)
    except (OSError, sqlite3.Error):
        return None
    try:
        return [", ".join(map(_in_short, step.calls)) or "answered" for step in session_shown(log).steps]
    finally:
        log.close()


def _in_short(call: CallShown) -> str:
    line = " ".join(" ".join(value for _, value in call.arguments).split())
    return f"{call.name} {line[:100]}{'…' if len(line) > 100 else ''}".strip()


def why(facts: Facts) -> Iterator[str]:
    """Sentences on why an instance is not resolved."""
    yield f"{facts.outcome}{f': {facts.why}' if facts.why else ''}"
    grade = facts.result.grade if facts.result else None
    if grade is not None:
        for what, tests in (("not mended", grade.fail_to_pass.failure), ("broken", grade.pass_to_pass.failure)):
            if tests:
                more = f" and {len(tests) - _SHOWN_TESTS} more" if len(tests) > _SHOWN_TESTS else ""
                yield f"{what}: {', '.join(tests[:_SHOWN_TESTS])}{more}"


def effort(facts: Facts) -> str:
    """What a run of an instance took, in short."""
    status, figures = facts.status, facts.status.figures
    return (
        f"{status.exit_status} after {status.steps} steps ({figures.thinking_steps} thinking), "
        f"{figures.completion_tokens:,} completion tokens, {status.seconds:,.0f} s, "
        f"patch of {status.patch_bytes:,} bytes"
    )


def side_of(run: Run) -> JsonObject:
    """The sums of one side."""
    statuses = [it.status for it in run.facts]
    return {
        "instances": run.total,
        "resolve_rate": resolve_rate(run.facts, run.total),
        "steps": sum(status.steps for status in statuses),
        "seconds": phases(statuses),
        "figures": _figures(sums_of(statuses)),
        "setup": run.setup,
    }


def _figures(sums: Figures) -> JsonObject:
    return sums.model_dump(mode="json")


def as_json(found: Difference, a: Run, b: Run) -> JsonObject:
    """The comparison as programs read it."""
    flips: list[JsonValue] = [
        {
            "instance_id": flip.instance_id,
            "resolved_by": flip.resolved_by,
            "outcomes": {"A": flip.a.outcome, "B": flip.b.outcome},
            "why": list(why(flip.loser)),
            "parting": flip.parting,
        }
        for flip in found.flips
    ]
    return {
        "compared": found.compared,
        "both": found.both,
        "neither": found.neither,
        "only_a": found.only("A"),
        "only_b": found.only("B"),
        "mcnemar_p": found.p,
        "flips": flips,
        "left_out": dict(found.left_out),
        "a": side_of(a),
        "b": side_of(b),
    }
