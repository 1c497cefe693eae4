"""What a bisection's result means for the verdict."""

from jobs.triage.inquiry.bisect import Bisected
from jobs.triage.inquiry.merge import once
from jobs.triage.inquiry.place import Place, git, said
from jobs.triage.places import is_test
from jobs.triage.untrusted import one_line
from jobs.triage.verdict import Category, Suspect, Verdict

_MOST = 5


async def with_culprit(place: Place, verdict: Verdict, found: Bisected) -> Verdict:
    """The verdict with the first bad commit, whose files become suspects; a bug that was not there is a regression."""
    listed = await git(place, "show", "--format=", "--name-only", "--no-renames", "-m", "--first-parent", found.commit)
    changed = [path for path in said(listed).splitlines() if path and path == one_line(path, 400) and '"' not in path]
    known = await git(place, "ls-files", "-z", "--", *changed[:200]) if changed else None
    there = set(said(known).split("\0")) if known else set[str]()
    why = "changed by the first bad commit"
    lines = {one.path: one.line for one in verdict.suspects}
    # What was suspected before it was known that the commit changed it, is suspected twice.
    code = sorted((path for path in changed if path in there and not is_test(path)), key=lambda path: path not in lines)
    blamed = [Suspect(path=path, line=lines.get(path, 0), why=why) for path in code[:_MOST]]
    suspects = once([*blamed, *verdict.suspects])[:10]
    change: dict[str, object] = {
        "suspect_commit": found.commit,
        "suspect_commit_by": "bisect",
        "suspects": [one.model_dump() for one in suspects],
    }
    if verdict.category is Category.BUG and code:
        change |= {
            "category": Category.REGRESSION,
            "confidence": 0.95,
            "labels": ["regression", *(label for label in verdict.labels if label != "bug")],
            "root_cause": one_line(
                f"{found.commit[:12]} is {found.why} ({found.tried} commits tried). {verdict.root_cause}", 1900
            ),
            "next_step": f"Look at {found.commit[:12]}, or take it back.",
            "decided_by": "counts",
        }
    return Verdict.model_validate(verdict.model_dump() | change)
