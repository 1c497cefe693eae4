"""The first bad commit, by `git bisect` in a sandbox of its own.

Git chooses the commits; each is judged here, by the same reading of the output as the reproduction, so that a commit at
which the test cannot run (no such test, a broken build) is skipped and not taken for bad.
"""

import re
from dataclasses import dataclass

from jobs.triage.inquiry.commits import revision
from jobs.triage.inquiry.place import Place, git, said
from jobs.triage.inquiry.target import Target
from jobs.triage.inquiry.trial import LEAST_SECONDS, Effort, Ended, Run, run_once

AUTO = "auto"
_FIRST_BAD = re.compile(r"^([0-9a-f]{40,64}) is the first bad commit", re.MULTILINE)
_WORDS = {Ended.PASSED: "good", Ended.FAILED: "bad", Ended.OTHERWISE: "skip"}


@dataclass(frozen=True, slots=True)
class Bisected:
    """The first bad commit ("" when none was found), how many commits were tried, and a sentence."""

    commit: str
    tried: int
    why: str


class Bisection:
    """One search; the place is used up by it."""

    def __init__(self, place: Place, target: Target, effort: Effort) -> None:
        self._place = place
        self._target = target
        self._effort = effort
        self._carried = False
        self._bad = ""
        self.tried = 0

    async def search(self, good: str) -> Bisected:
        """From a good revision, or with "auto" from the first good one found going back 1, 2, 4, 8 … commits.

        Raises `SandboxError`.
        """
        self._bad = await revision(self._place, "HEAD")
        if not self._bad:
            return self._none("the repository in the sandbox has no commit")
        start = await self._good_one(good)
        if isinstance(start, Bisected):
            return start
        await self._checkout(self._bad)
        begun = await git(self._place, "bisect", "start", self._bad, start)
        answer = said(begun)
        while begun.exit_code == 0:
            if found := _FIRST_BAD.search(answer):
                return Bisected(found[1], self.tried, f"the first bad commit of those after {start[:12]}")
            if "only 'skip'ped commits left" in answer:
                return self._none("the failure cannot be told at the commits that are left")
            if self._effort.budget.left_s() < LEAST_SECONDS:
                return self._none("time ran out")
            ended = await self._judge("HEAD")
            begun = await git(self._place, "bisect", _WORDS[ended])
            answer = said(begun)
        if found := _FIRST_BAD.search(answer):
            return Bisected(found[1], self.tried, f"the first bad commit of those after {start[:12]}")
        return self._none("git could not go on")

    async def _good_one(self, good: str) -> str | Bisected:
        if good == AUTO:
            return await self._galloped()
        start = await revision(self._place, good)
        if not start:
            return self._none("the good revision is not in the sandbox's history (is the checkout shallow?)")
        ended = await self._judge(start)
        if ended is not Ended.PASSED:
            what = "fails there too" if ended is Ended.FAILED else "cannot run there"
            return self._none(f"the command {what}, at {start[:12]}")
        return start

    async def _galloped(self) -> str | Bisected:
        listed = await git(self._place, "rev-list", "--first-parent", "--max-count=2000", "HEAD")
        commits = said(listed).split()
        step, last = 1, len(commits) - 1
        while last >= 1 and self._effort.budget.left_s() >= LEAST_SECONDS:
            at = min(step, last)
            if await self._judge(commits[at]) is Ended.PASSED:
                return commits[at]
            if at == last:
                break
            step *= 2
        return self._none("no earlier commit at hand passes")

    async def _judge(self, commit: str) -> Ended:
        """Run the command at a commit; with the tests of today where the commit has none of them."""
        self.tried += 1
        sha = await revision(self._place, commit)
        await self._checkout(sha)
        ended = Ended.OTHERWISE
        if not self._carried:
            ended = (await self._run()).ended
            self._carried = ended is Ended.OTHERWISE and bool(self._target.test_files)
        if self._carried and ended is Ended.OTHERWISE:
            await git(self._place, "checkout", "-q", self._bad, "--", *self._target.test_files)
            ended = (await self._run()).ended
            await git(self._place, "reset", "-q", "--hard")
        return ended

    async def _run(self) -> Run:
        return await run_once(self._place, self._target, self._target.command, self._effort.run_s())

    async def _checkout(self, sha: str) -> None:
        await git(self._place, "reset", "-q", "--hard")
        await git(self._place, "clean", "-q", "-f", "-d")
        await git(self._place, "checkout", "-q", "--force", "--detach", sha)

    def _none(self, why: str) -> Bisected:
        return Bisected("", self.tried, why)
