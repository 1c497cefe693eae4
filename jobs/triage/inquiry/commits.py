"""Commits that may have brought a failure: those that last changed the suspects' lines, or their files."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from jobs.triage.inquiry.place import Place, git, said
from jobs.triage.places import is_test
from jobs.triage.untrusted import one_line
from jobs.triage.verdict import Suspect, Verdict

_SHA = re.compile(r"^[0-9a-f]{40}(?:[0-9a-f]{24})?$")
_BLAMED = re.compile(r"^([0-9a-f]{40,64}) \d+ \d+")
_MOST = 12
_MOST_FILES = 5
# What is wrong stands near the line that failed, or in the function that begins there.
_ABOVE, _BELOW = 5, 20
LINE, NEAR, FILE = "last changed {}", "last to change lines near {}", "touched {}"


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit: id, date, first line of its message (tamed), why it is a candidate, when it was made (seconds)."""

    sha: str
    date: str
    subject: str
    why: str
    made: int = 0


async def candidates(place: Place, suspects: Sequence[Suspect], good: str = "") -> list[Commit]:
    """Commits by the blame of the suspects' lines, of lines near them, then the newest that touched their files.

    The commit with which the history at hand begins is none: it changed nothing, it is where git's knowledge ends.
    With a `good` revision only what came after it counts.
    """
    start = await revision(place, good) if good else ""
    span = f"{start}..HEAD" if start else "HEAD"
    found: dict[str, str] = {}
    for suspect in [one for one in suspects if one.line][:_MOST_FILES]:
        where = f"{suspect.path}:{suspect.line}"
        near = await _blamed(place, span, suspect)
        if exact := near.get(suspect.line):
            found.setdefault(exact, LINE.format(where))
        for sha in near.values():
            found.setdefault(sha, NEAR.format(where))
    for suspect in suspects[:_MOST_FILES]:
        newest = await git(place, "log", "-n", "3", "--min-parents=1", "--format=%H", span, "--", suspect.path)
        for sha in said(newest).split() if newest.exit_code == 0 else ():
            if _SHA.match(sha):
                found.setdefault(sha, FILE.format(suspect.path))
    return [commit for sha, why in list(found.items())[:_MOST] if (commit := await described(place, sha, why))]


async def _blamed(place: Place, span: str, suspect: Suspect) -> dict[int, str]:
    """The commit of each line near the suspect's, without those at the edge of what git knows."""
    lines = f"{max(suspect.line - _ABOVE, 1)},+{_ABOVE + _BELOW}"
    shown = await git(place, "blame", "-w", "--line-porcelain", "-L", lines, span, "--", suspect.path)
    if shown.exit_code != 0:
        return {}
    found: dict[int, str] = {}
    sha, number = "", 0
    for row in said(shown).splitlines():
        if _BLAMED.match(row):
            sha, _, place_of_it = row.partition(" ")
            number = int(place_of_it.split()[1])
            found[number] = sha
        elif row.startswith("boundary"):
            found.pop(number, None)
    return found


def with_blamed(verdict: Verdict, commits: Sequence[Commit]) -> Verdict:
    """The verdict with the newest commit that changed lines of a suspect; failing these, the newest that touched one.

    Code before tests. A guess, and it says so: it gives way to a bisection and to what the model has looked at.
    """
    if verdict.suspect_commit or not commits or not verdict.suspects:
        return verdict
    tests_only = all(is_test(one.path) for one in verdict.suspects)
    of_code = [one for one in commits if tests_only or not is_test(one.why.rpartition(" ")[2].partition(":")[0])]
    by_line = [one for one in of_code if not one.why.startswith(FILE.format(""))]
    newest = max(by_line or of_code, key=lambda one: one.made, default=None)
    if newest is None:
        return verdict
    return verdict.model_copy(update={"suspect_commit": newest.sha, "suspect_commit_by": "blame"})


async def described(place: Place, sha: str, why: str) -> Commit | None:
    """The commit with its date and subject; None when the repository lacks it."""
    shown = await git(place, "show", "-s", "--format=%ct%x00%cs%x00%s", sha)
    if shown.exit_code != 0:
        return None
    made, _, rest = said(shown).partition("\0")
    date, _, subject = rest.partition("\0")
    return Commit(sha, one_line(date, 20), one_line(subject, 150), why, int(made) if made.isdecimal() else 0)


async def revision(place: Place, name: str) -> str:
    """The commit's id that a revision names, "" when the repository has none such."""
    found = await git(place, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    sha = said(found)
    return sha if found.exit_code == 0 and _SHA.match(sha) else ""
