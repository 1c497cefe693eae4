"""An inquiry: from what a log says to what can be shown, step by step, as far as budget and machine allow.

Whatever cannot be done becomes a note; the verdict by rules stands below everything.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from agent.pictures import Picture
from jobs.batch.instance import first_error
from jobs.triage.clusters import Cluster
from jobs.triage.codeowners import CodeOwners
from jobs.triage.inquiry.bisect import AUTO, Bisection
from jobs.triage.inquiry.case import Facts
from jobs.triage.inquiry.commits import candidates, described, with_blamed
from jobs.triage.inquiry.consult import Adviser, consult
from jobs.triage.inquiry.culprit import with_culprit
from jobs.triage.inquiry.merge import allowed_categories, named_files, once, with_counts, with_opinion
from jobs.triage.inquiry.notes import BROKE_OFF, NO_SANDBOX, SANDBOX_FAILED
from jobs.triage.inquiry.place import Opener, Place, prepared
from jobs.triage.inquiry.repair import Unproven, proven
from jobs.triage.inquiry.reproduce import Reproduced, reproduce
from jobs.triage.inquiry.spectrum import suspects_of, traced
from jobs.triage.inquiry.target import Target, target_of
from jobs.triage.inquiry.trial import LEAST_SECONDS, Effort
from jobs.triage.places import is_test
from jobs.triage.verdict import Category, Verdict
from sandboxes.errors import PathError, SandboxError

_logger = logging.getLogger(__name__)
_MOST_SUSPECTS = 10
_MOST_FILE = 2 * 1024 * 1024
_OF_CODE = (Category.BUG, Category.REGRESSION, Category.TEST_BUG)
# Bisecting must leave time to look at what it found.
_BISECT_SHARE = 0.6


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the caller asks for.

    `command` shows the failure ("" takes the one that the log suggests), `good` is a revision without it ("" for none,
    "auto" searches one), `issue` an issue's text, `pictures` what it shows. `store` is a folder for the session's log.
    """

    effort: Effort
    store: Path
    command: str = ""
    good: str = ""
    issue: str = ""
    pictures: tuple[Picture, ...] = ()
    fix: bool = False
    say: Callable[[str], None] = lambda sentence: None


async def inquire(
    verdict: Verdict,
    clusters: Sequence[Cluster],
    opener: Opener,
    wishes: Wishes,
    adviser: Adviser | None,
    owners: CodeOwners,
) -> Verdict:
    """The verdict after the inquiry, the one so far where it breaks off. Cancellation removes its sandboxes."""
    inquiry = _Inquiry(clusters, opener, wishes, adviser, owners)
    try:
        return await inquiry.run(verdict)
    except Exception as crash:  # a front shows an error: this case's is a note, and what was found stands
        _logger.exception("the inquiry crashed")
        first = first_error(crash)
        why = f"{type(first).__name__}: {first}"
        return _noted(inquiry.kept or verdict, f"{BROKE_OFF} ({why}); the traceback is in qwright's log file.")


class _Inquiry:
    def __init__(
        self, clusters: Sequence[Cluster], opener: Opener, wishes: Wishes, adviser: Adviser | None, owners: CodeOwners
    ) -> None:
        self._clusters = clusters
        self._opener = opener
        self._wishes = wishes
        self._adviser = adviser
        self._owners = owners
        self._target: Target | None = None
        self._bisected = ""
        self.kept: Verdict | None = None

    async def run(self, verdict: Verdict) -> Verdict:
        try:
            place = await prepared(self._opener, "runs")
        except SandboxError as error:
            _logger.warning("no sandbox", exc_info=error)
            return _noted(verdict, f"{NO_SANDBOX}: {error}")
        try:
            return await self._in(place, verdict)
        except SandboxError as error:
            _logger.warning("the inquiry stopped", exc_info=error)
            return _noted(verdict, f"{SANDBOX_FAILED}, the sandbox failed: {error}")
        finally:
            await place.close()

    async def _in(self, place: Place, verdict: Verdict) -> Verdict:
        paths = frozenset(await place.workspace.paths())
        there = [one.model_dump() for one in verdict.suspects if one.path in paths]
        verdict = Verdict.model_validate(verdict.model_dump() | {"suspects": there})
        facts = Facts(verdict, issue=self._wishes.issue, pictures=self._wishes.pictures)
        self._target = target_of(self._clusters, verdict.reproduction, self._wishes.command, paths)
        if self._target is not None:
            self._wishes.say(f"Running {self._target.command} {self._wishes.effort.runs} times.")
            found = await reproduce(place, self._target, self._wishes.effort)
            verdict = with_counts(verdict, found)
            facts = replace(facts, reproduced=found)
            verdict = await self._with_spectrum(place, verdict, found, paths)
            if self._wishes.good and found.always:
                verdict = await self._bisect(place, verdict)
            elif self._wishes.good:
                verdict = _noted(verdict, "Nothing was bisected: the command does not fail in every run.")
        elif verdict.failures or self._wishes.issue:
            verdict = _noted(verdict, "Nothing was run: no command shows the failure; --command names one.")
        self.kept = verdict
        good = "" if self._wishes.good == AUTO else self._wishes.good
        commits = await candidates(place, verdict.suspects, good)
        if verdict.category in _OF_CODE:
            verdict = with_blamed(verdict, commits)
        if verdict.suspect_commit and (first := await described(place, verdict.suspect_commit, "first bad commit")):
            commits = [first, *(commit for commit in commits if commit.sha != first.sha)]
        self.kept = verdict
        facts = replace(facts, verdict=verdict, commits=commits, bisected=self._bisected)
        return await self._advised(place, facts, paths) if self._adviser else verdict

    async def _with_spectrum(self, place: Place, verdict: Verdict, found: Reproduced, paths: frozenset[str]) -> Verdict:
        """Behind the frames in code, the functions that only failing tests call: an error may arise elsewhere."""
        if self._target is None or not found.shown.failed:
            return verdict
        called = suspects_of(await traced(place, self._target, self._wishes.effort), paths)
        framed = [one for one in verdict.suspects if one.line and not is_test(one.path)]
        suspects = once([*framed, *called, *verdict.suspects])[:_MOST_SUSPECTS]
        return Verdict.model_validate(verdict.model_dump() | {"suspects": [one.model_dump() for one in suspects]})

    async def _bisect(self, place: Place, verdict: Verdict) -> Verdict:
        assert self._target is not None
        effort = self._wishes.effort
        budget = replace(effort.budget, seconds=effort.budget.seconds * _BISECT_SHARE)
        self._wishes.say(f"Bisecting from {self._wishes.good}.")
        spare = await prepared(self._opener, "bisect")
        try:
            search = Bisection(spare, self._target, replace(effort, budget=budget))
            found = await search.search(self._wishes.good)
        finally:
            await spare.close()
        self._bisected = f"{found.commit or 'nothing found'}: {found.why} ({found.tried} commits tried)"
        if not found.commit:
            return _noted(verdict, f"Bisection found no commit: {found.why} ({found.tried} commits tried).")
        return await with_culprit(place, verdict, found)

    async def _advised(self, place: Place, facts: Facts, paths: frozenset[str]) -> Verdict:
        adviser, wishes, verdict = self._adviser, self._wishes, facts.verdict
        assert adviser is not None
        if not (verdict.failures or wishes.issue or wishes.pictures or self._target):
            return _noted(verdict, "The model was not asked: there is no failure, no issue and no command.")
        if wishes.effort.budget.left_s() < 2 * LEAST_SECONDS:
            return _noted(verdict, "The model was not asked: no time was left (--max-seconds).")
        allowed = allowed_categories(facts.reproduced, bisected=verdict.suspect_commit_by == "bisect")
        wishes.say("Asking the model.")
        log = wishes.store / "session" / "log.sqlite"
        log.parent.mkdir(parents=True, exist_ok=True)
        advice = await consult(place, facts, adviser, log, wishes.effort.budget, allowed, repair=wishes.fix)
        for note in advice.notes:
            verdict = _noted(verdict, note)
        if advice.opinion:
            await place.workspace.restore(place.workspace.base)
            lines = {path: await _lines(place, path) for path in named_files(advice.opinion, paths)}
            verdict = with_opinion(verdict, advice.opinion, allowed, facts.commits, lines, self._owners)
        self.kept = verdict
        return await self._repaired(verdict, advice.patch) if wishes.fix else verdict

    async def _repaired(self, verdict: Verdict, patch: bytes) -> Verdict:
        if self._target is None:
            return _noted(verdict, "No patch: without a command that fails, none can be proved (--command names one).")
        self._wishes.say("Trying the patch in a fresh sandbox.")
        try:
            repair = await proven(self._opener, self._target, patch, self._wishes.effort, verdict.category)
        except Unproven as error:
            return _noted(verdict, f"The model's patch is left out: {error}.")
        return verdict.model_copy(update={"patch": repair})


async def _lines(place: Place, path: str) -> list[str]:
    try:
        content = await place.sandbox.read_file(f"{place.sandbox.workdir}/{path}", limit=_MOST_FILE)
    except PathError:
        return []
    return content.data.decode("utf-8", "replace").splitlines()


def _noted(verdict: Verdict, sentence: str) -> Verdict:
    from jobs.triage.untrusted import one_line

    notes = [*verdict.notes, one_line(sentence, 800)][:20]
    return verdict.model_copy(update={"notes": notes})
