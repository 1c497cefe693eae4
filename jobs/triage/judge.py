"""Findings to a verdict, without a model."""

from jobs.triage.clusters import Cluster
from jobs.triage.codeowners import CodeOwners
from jobs.triage.failures import Failure, Kind
from jobs.triage.findings import Findings
from jobs.triage.imports import imported_by_test
from jobs.triage.likeness import likely_files
from jobs.triage.places import Places, is_test
from jobs.triage.reproducing import command_for, last_part
from jobs.triage.rules import Ruling, ruling, severity
from jobs.triage.untrusted import one_line, tame
from jobs.triage.verdict import Category, Cause, Evidence, Suspect, Verdict

_MOST_SUSPECTS = 10
_MOST_EVIDENCE = 20
_MOST_CAUSES = 20
_MOST_IMPORTED = 5
_MOST_LIKELY = 3
_LANGUAGE = {
    "pytest": "python",
    "unittest": "python",
    "python": "python",
    "ruff": "python",
    "mypy": "python",
    "pyright": "python",
    "ruff format": "python",
    "black": "python",
    "isort": "python",
    "pip": "python",
    "uv": "python",
    "tox": "python",
    "nox": "python",
    "go": "go",
    "cargo": "rust",
    "rustfmt": "rust",
    "jest": "javascript",
    "vitest": "javascript",
    "node": "javascript",
    "tsc": "javascript",
    "prettier": "javascript",
    "npm": "javascript",
    "yarn": "javascript",
    "eslint": "javascript",
    "maven": "java",
    "gradle": "java",
    "javac": "java",
    "gcc": "c",
    "ld": "c",
    "docker": "docker",
}
_ENDINGS = {"py": "python", "java": "java", "kt": "java", "go": "go", "rs": "rust", "js": "javascript"}
OWNER_TESTED = (
    "The owner is from CODEOWNERS of the revision under test, which its author may have changed; --owners names a "
    "trusted one."
)
NEXT = {
    Category.BUG: "Read the first suspect, then run the command of the reproduction.",
    Category.REGRESSION: "Compare with the commit of the previous run: the failure came between the two.",
    Category.FLAKY: "Run the test again several times and count; then look for time, order or shared state.",
    Category.TEST_BUG: "Repair the test or its fixture; the code under test is not shown to be wrong.",
    Category.INFRASTRUCTURE: "Run the job again; if it comes back, look at the runner, its disk, memory and network.",
    Category.DEPENDENCY: "Look at what the lock file or the requirements ask for, and whether that release exists.",
    Category.CONFIGURATION: "Look at the job's definition and its environment.",
    Category.NOT_REPRODUCIBLE: "Give the log of the failed step, or the JUnit XML of the run.",
}


def verdict_of(findings: Findings, places: Places, owners: CodeOwners) -> Verdict:
    """The verdict. All that inputs say is tamed here; nothing of it becomes a label or an owner."""
    clusters = findings.deciding()
    ruled = ruling(findings, places)
    suspects = _suspects(clusters, places)
    total = sum(cluster.count for cluster in clusters) + findings.clusters.left_out
    owner = next((owner for suspect in suspects if (owner := owners.owner(suspect.path))), None)
    return Verdict(
        category=ruled.category,
        confidence=ruled.confidence,
        summary=_summary(clusters, total, ruled, findings),
        root_cause=f"{ruled.why}: {one_line(clusters[0].first.message)}" if clusters else f"{ruled.why}.",
        suspects=suspects,
        reproduction=command_for(clusters[0].first) if clusters else None,
        evidence=_evidence(clusters),
        causes=[_cause(cluster) for cluster in clusters[:_MOST_CAUSES]],
        failures=total,
        labels=_labels(clusters, ruled.category),
        severity=severity(clusters, ruled.category),
        owner=owner,
        next_step=NEXT[ruled.category],
        notes=[OWNER_TESTED] if owner and owners.tested else [],
    )


def _summary(clusters: list[Cluster], total: int, ruled: Ruling, findings: Findings) -> str:
    if not clusters:
        return f"{ruled.why}."
    first = clusters[0].first
    count = "1 failure" if total == 1 else f"{total:,} failures"
    causes = "1 cause" if len(clusters) == 1 else f"{len(clusters):,} causes"
    if findings.previous is not None:
        causes += f", {sum(not findings.known(cluster) for cluster in clusters):,} new since the previous run"
    return f"{count} of {causes}. First: {one_line(first.name, 150)}: {one_line(first.message, 150)}"


def _suspects(clusters: list[Cluster], places: Places) -> list[Suspect]:
    """Innermost frames first, code before tests, each file once."""
    found: dict[str, Suspect] = {}
    for cluster in clusters[:5]:
        for failure in cluster.examples[:2]:
            for depth, frame in enumerate(reversed(failure.frames)):
                path = places.resolve(frame.path)
                if path and path == one_line(path, 400) and path not in found:
                    found[path] = Suspect(path=path, line=frame.line, why=_why(depth, failure, cluster))
    if clusters:
        for path, why in _behind(clusters[0].first, places):
            found.setdefault(path, Suspect(path=path, line=0, why=why))
    ordered = sorted(found.values(), key=lambda suspect: is_test(suspect.path))
    return ordered[:_MOST_SUSPECTS]


def _behind(failure: Failure, places: Places) -> list[tuple[str, str]]:
    """A failed assertion has frames in the test only: what that imports, or is called like it, is the next best."""
    if failure.kind is not Kind.TEST:
        return []
    named = (failure.name.partition("::")[0], *(frame.path for frame in reversed(failure.frames)))
    test = next((path for name in named if name.endswith(".py") and (path := places.resolve(name))), None)
    if test is None:
        return []
    name = last_part(failure.name)
    imported = imported_by_test(test, name, places.read, places.holds)[:_MOST_IMPORTED]
    likely = likely_files(test, name, places.read, places.holds)[:_MOST_LIKELY]
    rows = [(path, "imported by the failing test") for path in imported]
    return [*rows, *((path, "reached by the failing test, and defines names like its own") for path in likely)]


def _why(depth: int, failure: Failure, cluster: Cluster) -> str:
    where = "raised here" if depth == 0 else f"{depth} calls above the error"
    if failure.kind in (Kind.BUILD, Kind.LINT):
        where = "named by the tool"
    return f"{where}, {cluster.count:,} of these failures"


def _evidence(clusters: list[Cluster]) -> list[Evidence]:
    rows: list[Evidence] = []
    for cluster in clusters[:5]:
        for quote in cluster.first.quotes:
            rows.append(Evidence(quote=tame(quote.text), source=one_line(cluster.first.source), line=quote.number))
    return rows[:_MOST_EVIDENCE]


def _cause(cluster: Cluster) -> Cause:
    names = [one_line(failure.name) for failure in cluster.examples]
    return Cause(
        message=one_line(cluster.first.message) or cluster.first.kind.value, count=cluster.count, examples=names
    )


def _labels(clusters: list[Cluster], category: Category) -> list[str]:
    extra: list[str] = []
    if clusters:
        first = clusters[0].first
        kind = first.kind.value
        extra = [label for label in (kind if kind in ("build", "lint") else "", _language(first)) if label]
    return [label_of(category), *extra]


def label_of(category: Category) -> str:
    """The label that says the category."""
    return {Category.DEPENDENCY: "dependencies"}.get(category, category.value.replace("_", "-"))


def _language(failure: Failure) -> str:
    if failure.tool == "junit" and failure.frames:
        ending = failure.frames[-1].path.rpartition(".")[2]
        return _ENDINGS.get(ending, "")
    return _LANGUAGE.get(failure.tool, "")
