"""What an output folder says of its run: read, never computed anew."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

from pydantic import ValidationError

from agent.json_types import JsonObject, JsonValue, as_object, parse_object
from jobs.batch.errors import BatchError
from jobs.batch.evaluation import EVALUATION
from jobs.batch.setup import RUN
from jobs.batch.store import InstanceFolder, Status
from jobs.batch.trial import Result

Outcome: TypeAlias = Literal["resolved", "unresolved", "error", "empty", "ungraded", "infra", "crashed", "running"]
OUTCOMES: Mapping[Outcome, str] = {
    "resolved": "the hidden tests pass",
    "unresolved": "they do not",
    "error": "the patch does not apply, or its tests take too long",
    "empty": "no patch",
    "ungraded": "a patch that was not graded",
    "infra": "endpoint, sandbox or machine failed; says nothing of the model",
    "crashed": "a fault of qwright's own, its traceback in ID/crash.txt; says nothing of the model",
    "running": "interrupted; goes on with the next call",
}
# What a rate is over: what was graded, and what needs no tests to be seen as not resolved. What the infrastructure or a
# crash ended counts as not resolved, as on the leaderboards, and a second rate leaves it out.
GRADED: tuple[Outcome, ...] = ("resolved", "unresolved", "error", "empty")
NO_ANSWER: tuple[Outcome, ...] = ("infra", "crashed")
BY_TESTS: tuple[Outcome, ...] = ("resolved", "unresolved", "error")


@dataclass(frozen=True, slots=True)
class Facts:
    """One instance: what became of the run, and of the grading of its patch where there was one."""

    status: Status
    result: Result | None = None

    @property
    def outcome(self) -> Outcome:
        """The one word for it."""
        match self.status.exit_status:
            case "running" | "infra" | "crashed" as ended:
                return ended
            case _:
                return self._graded

    @property
    def _graded(self) -> Outcome:
        verdict = self.result.verdict if self.result else None
        if verdict is None or verdict == "empty_patch":
            return "ungraded" if self.status.patch_bytes and verdict is None else "empty"
        if verdict == "infra_failure":
            return "infra"
        return "empty" if verdict == "unresolved" and not self.status.patch_bytes else verdict

    @property
    def why(self) -> str:
        """A sentence or name of why it is not resolved; "" where nothing more is known."""
        if self.result and (self.result.reason or self.result.label):
            return self.result.reason or self.result.label
        if self.result and self.result.grade and self.outcome == "unresolved":
            failed = self.result.grade.fail_to_pass.failure
            broken = self.result.grade.pass_to_pass.failure
            tests = "1 test" if len(failed) == 1 else f"{len(failed)} tests"
            return f"{tests} not mended, {len(broken)} broken"
        return self.status.detail if self.status.exit_status in ("infra", "crashed", "failed", "limit") else ""


@dataclass(frozen=True, slots=True)
class Run:
    """A run: its instances, how many there are to be, configuration and versions, and the rows that were left out."""

    facts: Sequence[Facts]
    total: int
    setup: JsonObject = field(default_factory=dict[str, JsonValue])
    problems: Sequence[str] = ()

    def by_id(self) -> dict[str, Facts]:
        """The instances by id."""
        return {it.status.instance_id: it for it in self.facts}


def facts_of(out: Path, statuses: Iterable[Status]) -> list[Facts]:
    """The instances with their grades; a grade counts only for the very patch that was graded."""
    return [Facts(status, _result(out, status.instance_id)) for status in statuses]


def _result(out: Path, instance_id: str) -> Result | None:
    folder = out / EVALUATION / instance_id
    try:
        result = Result.model_validate_json((folder / "result.json").read_bytes())
        graded = (folder / "patch.diff").read_bytes()
    except (OSError, ValidationError):
        return None
    return result if graded.strip() == InstanceFolder(out / instance_id).patch().strip() else None


def read_run(out: Path) -> Run:
    """Everything that a folder holds. Raises `BatchError` when it is none of a batch."""
    statuses = [InstanceFolder(path.parent).status() for path in sorted(out.glob("*/status.json"))]
    found = [status for status in statuses if status is not None]
    if not found and (several := runs_in(out)):
        one = out / next(iter(several))
        raise BatchError(f"{out} holds several runs ({', '.join(several)}); name one, as in {one}.")
    if not found:
        raise BatchError(f"{out} holds no results of a batch; name the folder that was its --out.")
    report = _object(out / "report.json")
    told = report.get("instances")
    problems = report.get("rows_left_out")
    return Run(
        facts_of(out, found),
        max(told if isinstance(told, int) else 0, len(found)),
        setup_in(out),
        [str(problem) for problem in problems] if isinstance(problems, list) else (),
    )


def runs_in(out: Path) -> dict[str, Path]:
    """The runs of a comparison or of attempts, by the names of their folders; none where `out` is itself a run."""
    if not out.is_dir() or any(out.glob("*/status.json")):
        return {}
    return {path.name: path for path in sorted(out.iterdir()) if any(path.glob("*/status.json"))}


def setup_in(out: Path) -> JsonObject:
    """What `run.json` records; empty without one."""
    return _object(out / RUN)


def _object(path: Path) -> JsonObject:
    try:
        return parse_object(path.read_bytes()) or {}
    except OSError:
        return as_object(None)
