"""A command run several times, each from the same files, and what became of each run."""

import io
import re
from dataclasses import dataclass
from enum import StrEnum

from jobs.triage.failures import Failure
from jobs.triage.inquiry.budget import Budget
from jobs.triage.inquiry.place import Place
from jobs.triage.inquiry.target import Target
from jobs.triage.lines import read_lines
from jobs.triage.parsers.all import failures_of

LEAST_SECONDS = 5.0
# A run that skipped everything succeeds, and says nothing of the failure.
_SKIPPED = re.compile(
    rb"^(?:=+ )?\d+ (?:skipped|deselected|xfailed)(?:,(?! \d+ passed)[^,\n]*)* in [\d.]+s|^Ran 0 tests in ", re.M
)


class Ended(StrEnum):
    """How a run ended. `otherwise`: it failed, but not with the failure in question, or never came so far."""

    PASSED = "passed"
    FAILED = "failed"
    OTHERWISE = "otherwise"


@dataclass(frozen=True, slots=True)
class Run:
    """One run. `exit_code` is None when it was ended at its time limit; `last` is the end of what it printed."""

    ended: Ended
    exit_code: int | None
    last: str
    failures: tuple[Failure, ...] = ()


@dataclass(frozen=True, slots=True)
class Trial:
    """All runs of one command."""

    command: str
    runs: tuple[Run, ...] = ()

    def count(self, ended: Ended) -> int:
        """Runs that ended so."""
        return sum(1 for run in self.runs if run.ended is ended)

    @property
    def failed(self) -> int:
        """Runs that showed the failure."""
        return self.count(Ended.FAILED)

    @property
    def passed(self) -> int:
        """Runs without any failure."""
        return self.count(Ended.PASSED)

    @property
    def told(self) -> int:
        """Runs that say something about the failure: it came, or all was well."""
        return self.failed + self.passed

    @property
    def exit_code(self) -> int | None:
        """The exit code of the first run that showed the failure, else of the first."""
        shown = next((run for run in self.runs if run.ended is Ended.FAILED), None)
        run = shown or (self.runs[0] if self.runs else None)
        return run.exit_code if run else None


async def run_once(place: Place, target: Target, command: str, timeout_s: float) -> Run:
    """Run the command where the workspace is. Raises `SandboxError`."""
    result = await place.sandbox.run(f"cd {place.sandbox.workdir!r} && {{ {command}\n}}", timeout_s=timeout_s)
    output = result.head + result.tail
    failures = tuple(failures_of(read_lines(io.BytesIO(output))))
    if result.exit_code == 0:
        ended = Ended.OTHERWISE if _nothing_ran(output) else Ended.PASSED
    else:
        ended = Ended.FAILED if target.fits(result.exit_code, failures) else Ended.OTHERWISE
    return Run(ended, result.exit_code, output[-2000:].decode("utf-8", "replace"), failures)


@dataclass(frozen=True, slots=True)
class Effort:
    """How often to run, the inquiry's budget, and the most seconds of one run."""

    runs: int
    budget: Budget
    most_s: float

    def run_s(self) -> float:
        """The time limit of the next run."""
        return min(self.most_s, self.budget.left_s())


async def try_often(place: Place, target: Target, command: str, effort: Effort, snapshot: str = "") -> Trial:
    """Run up to `effort.runs` times, the files put back as in the snapshot (the start's, unless named) before each.

    Ends early when it can never tell, or time is up. Raises `SandboxError`.
    """
    trial, files = Trial(command), snapshot or place.workspace.base
    while len(trial.runs) < effort.runs and effort.budget.left_s() >= LEAST_SECONDS:
        await place.workspace.restore(files)
        run = await run_once(place, target, command, effort.run_s())
        trial = Trial(command, (*trial.runs, run))
        if len(trial.runs) == 2 and trial.count(Ended.OTHERWISE) == 2:
            break
    await place.workspace.restore(files)
    return trial


def _nothing_ran(output: bytes) -> bool:
    return _SKIPPED.search(output[-4000:]) is not None
