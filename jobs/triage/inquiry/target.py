"""What is to be reproduced: a command, and how to tell the failure in question from any other."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from jobs.triage.clusters import Cluster, signature
from jobs.triage.failures import Failure, Kind
from jobs.triage.places import is_test
from jobs.triage.reproducing import command_for, last_part, python_file
from jobs.triage.verdict import Reproduction

_NEVER_RAN = (Kind.DEPENDENCY, Kind.CONFIGURATION, Kind.INFRASTRUCTURE)


@dataclass(frozen=True, slots=True)
class Target:
    """`command` shows the failure; `wider` runs its neighbours too, for what only fails in company ("" for none).

    `names` are the last parts of the failed tests' names, `causes` the errors without what differs from run to run;
    both are empty where only the command is known: then any failure of it counts.
    """

    command: str
    wider: str = ""
    names: frozenset[str] = frozenset()
    causes: frozenset[tuple[str, str]] = frozenset()
    test_files: tuple[str, ...] = ()

    def fits(self, exit_code: int | None, failures: Sequence[Failure]) -> bool:
        """Whether a run that did not succeed shows this failure, not another trouble."""
        if exit_code is None or exit_code in (126, 127):
            return False
        if not self.names and not self.causes:
            return not failures or any(failure.kind not in _NEVER_RAN for failure in failures)
        return any(last_part(one.name) in self.names or _cause(one) in self.causes for one in failures)


def target_of(
    clusters: Sequence[Cluster], offered: Reproduction | None, command: str, paths: Collection[str]
) -> Target | None:
    """The target of a log's failures; a `command` that the caller gives is taken instead of the offered one."""
    known = [failure for cluster in clusters[:5] for failure in cluster.examples if not failure.weak]
    if not known and clusters and clusters[0].first.tool == "python":
        known = [clusters[0].first]
    names = frozenset(last_part(failure.name) for failure in known if failure.kind is Kind.TEST)
    causes = frozenset(_cause(failure) for failure in known)
    files = tuple(sorted({path for failure in known for path in _files(failure, paths) if is_test(path)}))
    if command:
        return Target(command, "", names, causes, files)
    first = clusters[0].first if clusters else None
    found = offered or (command_for(first, paths) if first else None)
    if first is None or found is None:
        return None
    only = frozenset({last_part(first.name)}) if first.kind is Kind.TEST else frozenset[str]()
    file = python_file(first, paths)
    wider = f"python -m pytest {file}" if file and file not in found.command.split() else ""
    return Target(found.command, wider, only, frozenset({_cause(first)}), files)


def _cause(failure: Failure) -> tuple[str, str]:
    return failure.error, signature(failure.message)


def _files(failure: Failure, paths: Collection[str]) -> list[str]:
    named = [failure.name.partition("::")[0], *(frame.path for frame in failure.frames)]
    return [path for path in named if path in paths]
