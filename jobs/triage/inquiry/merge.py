"""Facts and opinion to one verdict. What the model says is taken only as far as it can be checked."""

from collections.abc import Collection, Mapping, Sequence

from jobs.triage.codeowners import CodeOwners
from jobs.triage.inquiry.commits import Commit
from jobs.triage.inquiry.opinion import FREE_LABELS, Opinion, OpinionPlace
from jobs.triage.inquiry.reproduce import Counted, Reproduced, counted, remedy, reproduction_of, trouble
from jobs.triage.judge import NEXT, OWNER_TESTED, label_of
from jobs.triage.untrusted import one_line, tame
from jobs.triage.verdict import Category, Evidence, Severity, Suspect, Verdict

_MOST_SUSPECTS = 10
_MOST_EVIDENCE = 20
# A model is never certain for others.
_SUREST = 0.95
_CERTAIN = {Category.FLAKY}
_LESS = (Category.FLAKY, Category.NOT_REPRODUCIBLE)


def with_counts(verdict: Verdict, found: Reproduced) -> Verdict:
    """The verdict by rules, as the runs bear it out."""
    told = counted(found, verdict.category)
    notes = [*verdict.notes, *filter(None, (trouble(found), remedy(found)))]
    change: dict[str, object] = {"reproduction": reproduction_of(found).model_dump(), "notes": notes}
    if told.why:
        change["root_cause"] = one_line(f"{told.why}. {verdict.root_cause}", 1900)
    if told.category is not None:
        change |= _decided(verdict, told, told.category)
    return Verdict.model_validate(verdict.model_dump() | change)


def _decided(verdict: Verdict, told: Counted, category: Category) -> dict[str, object]:
    same = category is verdict.category
    labels = [label_of(category), *(label for label in verdict.labels if label in FREE_LABELS)]
    confidence = max(told.confidence, verdict.confidence) if same else told.confidence
    severity = verdict.severity if same else Severity.LOW if category in _LESS else Severity.HIGH
    return {
        "category": category,
        "confidence": confidence,
        "labels": labels,
        "severity": severity,
        "next_step": NEXT[category],
        "decided_by": "counts",
    }


def allowed_categories(found: Reproduced | None, *, bisected: bool = False) -> frozenset[Category]:
    """The categories that the counts leave open; with a first bad commit it did work before."""
    every = frozenset(Category) - ({Category.BUG} if bisected else set())
    if found is None or not found.shown.told:
        return every
    if found.in_company_only or (found.shown.failed and found.shown.passed):
        return frozenset({Category.FLAKY})
    if found.always:
        return every - {Category.FLAKY, Category.NOT_REPRODUCIBLE}
    return every


def with_opinion(
    verdict: Verdict,
    opinion: Opinion,
    allowed: frozenset[Category],
    commits: Sequence[Commit],
    lines: Mapping[str, Sequence[str]],
    owners: CodeOwners,
) -> Verdict:
    """The verdict with what of the opinion holds; `lines` are the files that it names and the repository has.

    Whatever is left out is told in the notes.
    """
    notes = list(verdict.notes)
    category = opinion.category
    if category not in allowed:
        notes.append(f"The model calls it {category.value}, which the runs rule out.")
        category = verdict.category
    suspects = [*_suspects(opinion.suspects, lines, notes), *verdict.suspects]
    unique = once(suspects)
    evidence = [*_evidence(opinion.evidence, lines), *verdict.evidence]
    free = [label for label in dict.fromkeys((*verdict.labels, *opinion.labels)) if label in FREE_LABELS]
    if refused := [label for label in opinion.labels if label not in FREE_LABELS]:
        notes.append(f"{len(refused)} labels of the model's are not on the allow-list, and were left out.")
    owner = next((owner for one in unique if (owner := owners.owner(one.path))), None)
    if owner and owners.tested and OWNER_TESTED not in notes:
        notes.append(OWNER_TESTED)
    same = category is verdict.category
    change: dict[str, object] = {
        "category": category,
        "confidence": verdict.confidence if same and category in _CERTAIN else min(opinion.confidence, _SUREST),
        "summary": one_line(opinion.summary, 600) or verdict.summary,
        "root_cause": one_line(opinion.root_cause, 1500) or verdict.root_cause,
        "suspects": [one.model_dump() for one in unique[:_MOST_SUSPECTS]],
        "evidence": [one.model_dump() for one in evidence[:_MOST_EVIDENCE]],
        "labels": [label_of(category), *free],
        "severity": opinion.severity,
        "next_step": one_line(opinion.next_step, 500) or NEXT[category],
        "owner": owner,
        "decided_by": "model",
        "notes": notes,
    }
    if verdict.suspect_commit_by != "bisect" and opinion.suspect_commit in {commit.sha for commit in commits}:
        change |= {"suspect_commit": opinion.suspect_commit, "suspect_commit_by": "model"}
    return Verdict.model_validate(verdict.model_dump() | change)


def once(suspects: Sequence[Suspect]) -> list[Suspect]:
    """Each file once, as it was named first."""
    found: dict[str, Suspect] = {}
    for one in suspects:
        found.setdefault(one.path, one)
    return list(found.values())


def named_files(opinion: Opinion, paths: Collection[str]) -> list[str]:
    """The files of the repository that an opinion names, at most 20."""
    named = (_plain(one.path) for one in (*opinion.suspects, *opinion.evidence))
    return [path for path in dict.fromkeys(named) if path in paths][:20]


def _suspects(places: Sequence[OpinionPlace], lines: Mapping[str, Sequence[str]], notes: list[str]) -> list[Suspect]:
    kept: list[Suspect] = []
    for place in places:
        path = _plain(place.path)
        if path not in lines or path != one_line(path, 400):
            notes.append(f"The model suspects {one_line(place.path, 100)!r}, which the repository does not have.")
            continue
        kept.append(Suspect(path=path, line=place.line if place.line <= len(lines[path]) else 0, why=_why(place)))
    del notes[15:]
    return kept


def _evidence(places: Sequence[OpinionPlace], lines: Mapping[str, Sequence[str]]) -> list[Evidence]:
    """Lines as they stand in the files; the model's own words never pass for a quotation."""
    rows: list[Evidence] = []
    for place in places:
        path = _plain(place.path)
        if 0 < place.line <= len(lines.get(path, ())):
            rows.append(Evidence(quote=tame(lines[path][place.line - 1]), source=path, line=place.line))
    return rows


def _why(place: OpinionPlace) -> str:
    return one_line(place.why, 300) or "named by the model"


def _plain(path: str) -> str:
    return path.strip().removeprefix("./").removeprefix("/workspace/").removeprefix("/testbed/")
