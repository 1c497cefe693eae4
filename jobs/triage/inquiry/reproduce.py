"""Is the failure there, and is it always there? Counted by running, never asked of a model."""

from dataclasses import dataclass, replace

from jobs.triage.inquiry.place import Place
from jobs.triage.inquiry.target import Target
from jobs.triage.inquiry.trial import Effort, Ended, Trial, try_often
from jobs.triage.untrusted import one_line
from jobs.triage.verdict import Category, Reproduction

# What is rare in the log's failure is rare here too: of a failure in ten runs, 20 runs show one with 88 %.
MORE_RUNS = 4
# An answer without a failure is never certain; after n runs a failure of one in n was missed with 37 %.
_NEVER = 0.6
_ALWAYS = 0.9
# Of a shell that does not find the program.
_NOT_FOUND = 127


@dataclass(frozen=True, slots=True)
class Reproduced:
    """The trials: of the command itself, and of its wider form where the command alone never failed."""

    alone: Trial
    wider: Trial | None = None

    @property
    def shown(self) -> Trial:
        """The trial to report: the one with failures, else that of the command itself."""
        return self.wider if self.wider and self.wider.failed else self.alone

    @property
    def in_company_only(self) -> bool:
        """Whether it failed only when its neighbours ran before it."""
        return bool(self.wider and self.wider.failed and self.alone.passed and not self.alone.failed)

    @property
    def always(self) -> bool:
        """Whether every run that tells anything failed."""
        return bool(self.shown.failed and not self.shown.passed and not self.in_company_only)


@dataclass(frozen=True, slots=True)
class Counted:
    """What the counts say: a category where they decide it (None leaves it), how sure, and the sentence for it."""

    category: Category | None
    confidence: float
    why: str


async def reproduce(place: Place, target: Target, effort: Effort) -> Reproduced:
    """Run the command; with its neighbours and more often if it never fails. Raises `SandboxError`."""
    alone = await try_often(place, target, target.command, effort)
    if alone.failed or not alone.passed:
        return Reproduced(alone)
    if target.wider:
        wider = await try_often(place, target, target.wider, effort)
        if wider.failed:
            return Reproduced(alone, wider)
    more = await try_often(place, target, target.command, replace(effort, runs=effort.runs * (MORE_RUNS - 1)))
    return Reproduced(Trial(alone.command, (*alone.runs, *more.runs)))


def counted(found: Reproduced, category: Category) -> Counted:
    """What the counts say of a failure that the log's words put into `category`."""
    trial = found.shown
    if found.in_company_only:
        alone = f"passes alone ({found.alone.passed} of {found.alone.told} runs)"
        why = f"It depends on other tests: fails with its neighbours ({trial.failed} of {trial.told} runs), {alone}"
        return Counted(Category.FLAKY, _ALWAYS, why)
    if trial.failed and trial.passed:
        why = f"The same command on the same files failed in {trial.failed} of {trial.told} runs"
        return Counted(Category.FLAKY, 0.95, why)
    if trial.failed:
        why = f"Reproduced: failed in {trial.failed} of {trial.told} runs"
        told = category if category not in (Category.FLAKY, Category.NOT_REPRODUCIBLE) else Category.BUG
        return Counted(told, _ALWAYS if trial.told > 1 else 0.7, why)
    if trial.passed:
        why = f"Not reproduced: passed in all of {trial.told} runs"
        decided = category in (Category.BUG, Category.REGRESSION, Category.TEST_BUG, Category.NOT_REPRODUCIBLE)
        return Counted(Category.NOT_REPRODUCIBLE if decided else None, _NEVER, why)
    return Counted(None, 0.0, "")


def reproduction_of(found: Reproduced) -> Reproduction:
    """The counts as the verdict gives them: runs that told nothing of the failure are not among them."""
    trial = found.shown
    return Reproduction(
        command=one_line(trial.command, 1900), exit_code=trial.exit_code, runs=trial.told, failures=trial.failed
    )


def trouble(found: Reproduced) -> str:
    """Why runs told nothing, "" when all told something."""
    odd = [run for run in found.shown.runs if run.ended is Ended.OTHERWISE]
    if not odd:
        return "" if found.shown.runs else "There was no time left to run the command."
    ended = "ran out of time" if odd[0].exit_code is None else f"ended with code {odd[0].exit_code}"
    words = [line.strip() for line in odd[0].last.splitlines() if line.strip()]
    last = one_line(words[-1], 200) if words else "nothing printed"
    return f"{len(odd)} of {len(found.shown.runs)} runs {ended} without showing the failure in question: {last}"


def remedy(found: Reproduced) -> str:
    """What to do where the image has not what the command needs, "" elsewhere."""
    odd = [run for run in found.shown.runs if run.ended is Ended.OTHERWISE]
    if not any(run.exit_code == _NOT_FOUND or "No module named" in run.last for run in odd):
        return ""
    return "The image lacks what the command needs: name your CI's with --image, or the right command with --command."
