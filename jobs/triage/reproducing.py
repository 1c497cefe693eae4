"""The command that should show a failure again. Offered only for names that no shell takes for more than a name."""

import re
import shlex
from collections.abc import Collection

from jobs.triage.failures import Failure, Kind
from jobs.triage.places import Places, is_test
from jobs.triage.untrusted import one_line
from jobs.triage.verdict import Reproduction

_SAFE_ID = re.compile(r"^[\w./\[\]:=, -]+$")
_PARAMETERS = re.compile(r"\[.*\]$", re.DOTALL)
_SAFE_PATH = re.compile(r"^\w[\w./-]*$")
_BY_FILE = {
    "jest": "npx --no-install jest",
    "vitest": "npx --no-install vitest run",
    "eslint": "npx --no-install eslint",
    "prettier": "npx --no-install prettier --check",
    "ruff": "ruff check",
    "ruff format": "ruff format --check",
    "black": "black --check",
    "isort": "isort --check-only",
    "mypy": "mypy",
    "pyright": "pyright",
}
_UNITTEST = re.compile(r"^\w+ \((?P<id>[\w.]+)\)$")


def command_for(failure: Failure, paths: Collection[str] = ()) -> Reproduction | None:
    """The command for one failure; `paths` of the repository help where a report names classes, not files."""
    name = failure.name
    if failure.tool in _BY_FILE:
        return _of_file(failure)
    if failure.tool == "unittest" and (found := _UNITTEST.match(name)) and not found["id"].startswith("__main__"):
        return Reproduction(command=f"python -m unittest {found['id']}")
    if not _SAFE_ID.match(name) or name.startswith(("-", "/")) or ".." in name or len(name) > 300:
        return None
    if name != one_line(name, 300):
        return None
    command = ""
    if failure.tool == "pytest" and ".py" in name:
        command = f"python -m pytest {shlex.quote(name)}"
    elif failure.tool == "junit" and (node := _node(name, paths)):
        command = f"python -m pytest {shlex.quote(node)}"
    elif failure.tool == "go" and failure.kind is Kind.TEST:
        command = f"go test ./... -run {shlex.quote(f'^{name}$')}"
    elif failure.tool == "cargo" and failure.kind is Kind.TEST:
        command = f"cargo test {shlex.quote(name)}"
    return Reproduction(command=command) if command else None


def last_part(name: str) -> str:
    """A test's own name: pytest, JUnit and unittest write different things before it, and parameters behind."""
    name = _PARAMETERS.sub("", name.partition(" (")[0].strip())
    return re.split(r"::|\.(?=\w+$)| > | › ", name)[-1]


def _of_file(failure: Failure) -> Reproduction | None:
    """Runners whose names of tests are prose, and linters, are given the file."""
    places = Places(None)
    files = [path for frame in failure.frames if (path := places.resolve(frame.path)) and _SAFE_PATH.match(path)]
    tests = [path for path in files if is_test(path)]
    file = next(iter(tests if failure.kind is Kind.TEST else files), None)
    return Reproduction(command=f"{_BY_FILE[failure.tool]} {file}") if file else None


def python_file(failure: Failure, paths: Collection[str]) -> str:
    """The repository's file that pytest would run for this failure, "" when that is not known."""
    name = _node(failure.name, paths) if failure.tool == "junit" else failure.name
    file = name.partition("::")[0]
    return file if file in paths and file.endswith(".py") and _SAFE_ID.match(file) and " " not in file else ""


def _node(name: str, paths: Collection[str]) -> str:
    """`tests.test_cart.TestCart::test_total` as pytest's own id, where the repository has the file."""
    dotted, _, test = name.partition("::")
    parts = dotted.split(".")
    for end in range(len(parts), 0, -1):
        file = "/".join(parts[:end]) + ".py"
        if file in paths:
            return "::".join([file, *parts[end:], test])
    return ""
