"""Commits that may have brought a failure: found by bisection, else those that last touched the suspects."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from jobs.triage.inquiry.place import Place, git, said
from jobs.triage.untrusted import one_line
from jobs.triage.verdict import Suspect

_SHA = re.compile(r"^[0-9a-f]{40}(?:[0-9a-f]{24})?$")
_MOST = 12
_ZERO = "0" * 40


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit: id, date, first line of its message (tamed), and why it is a candidate."""

    sha: str
    date: str
    subject: str
    why: str


async def candidates(place: Place, suspects: Sequence[Suspect]) -> list[Commit]:
    """Commits by the blame of the suspects' lines, then the newest that touched their files; none without history."""
    found: dict[str, str] = {}
    for suspect in suspects[:5]:
        if suspect.line:
            blamed = await git(
                place, "blame", "-l", "-s", "-L", f"{suspect.line},{suspect.line}", "HEAD", "--", suspect.path
            )
            sha = said(blamed).partition(" ")[0].lstrip("^") if blamed.exit_code == 0 else ""
            if _SHA.match(sha) and sha != _ZERO:
                found.setdefault(sha, f"last changed {suspect.path}:{suspect.line}")
    for suspect in suspects[:5]:
        newest = await git(place, "log", "-n", "3", "--format=%H", "HEAD", "--", suspect.path)
        for sha in said(newest).split() if newest.exit_code == 0 else ():
            if _SHA.match(sha):
                found.setdefault(sha, f"touched {suspect.path}")
    return [commit for sha, why in list(found.items())[:_MOST] if (commit := await described(place, sha, why))]


async def described(place: Place, sha: str, why: str) -> Commit | None:
    """The commit with its date and subject; None when the repository lacks it."""
    shown = await git(place, "show", "-s", "--format=%cs%x00%s", sha)
    if shown.exit_code != 0:
        return None
    date, _, subject = said(shown).partition("\0")
    return Commit(sha, one_line(date, 20), one_line(subject, 150), why)


async def revision(place: Place, name: str) -> str:
    """The commit's id that a revision names, "" when the repository has none such."""
    found = await git(place, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    sha = said(found)
    return sha if found.exit_code == 0 and _SHA.match(sha) else ""
