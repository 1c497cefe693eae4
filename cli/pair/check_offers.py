"""Which checks a project's files suggest. Pure; a suggestion is shown and never run."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from agent.check_kinds import KINDS, CheckKind, kind_named
from tui.project.host import CheckOffer

# The files that are looked into, at the root of the project.
READ = ("Makefile", "pyproject.toml", "package.json", "setup.cfg", "tox.ini")
_TARGET = re.compile(r"^(lint|test)\s*:(?!=)", re.MULTILINE)


def offers(paths: Sequence[str], contents: Mapping[str, str]) -> list[CheckOffer]:
    """The first suggestion of each kind, the project's own words before those of its tools."""
    found: dict[CheckKind, CheckOffer] = {}
    for source in _SOURCES:
        for offer in source(frozenset(paths), contents):
            found.setdefault(offer.kind, offer)
    return [found[kind] for kind in KINDS if kind in found]


def _make(paths: frozenset[str], contents: Mapping[str, str]) -> Iterator[CheckOffer]:
    for target in _TARGET.findall(contents.get("Makefile", "")):
        if kind := kind_named(target):
            yield CheckOffer(kind, f"make {target}", "Makefile")


def _node(paths: frozenset[str], contents: Mapping[str, str]) -> Iterator[CheckOffer]:
    try:
        package: object = json.loads(contents.get("package.json", "{}"))
    except ValueError:
        package = {}
    scripts: object = package.get("scripts") if isinstance(package, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]  # JSON
    commands: dict[CheckKind, str] = {"lint": "npm run --silent lint", "test": "npm test --silent"}
    for kind, command in commands.items():
        if isinstance(scripts, dict) and kind in scripts:
            yield CheckOffer(kind, command, "package.json")
    eslint = next(
        (path for path in sorted(paths) if re.fullmatch(r"(?:eslint\.config\.\w+|\.eslintrc(?:\.\w+)?)", path)), ""
    )
    if eslint:
        yield CheckOffer("lint", "npx --no-install eslint .", eslint)


def _python(paths: frozenset[str], contents: Mapping[str, str]) -> Iterator[CheckOffer]:
    project = contents.get("pyproject.toml", "")
    ruff = next((path for path in ("ruff.toml", ".ruff.toml") if path in paths), "")
    if ruff or "[tool.ruff" in project:
        yield CheckOffer("lint", "ruff check .", ruff or "pyproject.toml")
    flake = next((name for name in ("setup.cfg", "tox.ini") if "[flake8]" in contents.get(name, "")), "")
    if flake or ".flake8" in paths:
        yield CheckOffer("lint", "flake8", flake or ".flake8")
    told = "pytest.ini" if "pytest.ini" in paths else "pyproject.toml" if "[tool.pytest" in project else ""
    tests = next((path for path in sorted(paths) if re.search(r"(?:^|/)test_[^/]*\.py$", path)), "")
    if told or tests:
        yield CheckOffer("test", "python3 -m pytest -q -x", told or tests)


def _others(paths: frozenset[str], contents: Mapping[str, str]) -> Iterator[CheckOffer]:
    if "Cargo.toml" in paths:
        yield CheckOffer("lint", "cargo check --quiet", "Cargo.toml")
        yield CheckOffer("test", "cargo test --quiet", "Cargo.toml")
    if "go.mod" in paths:
        yield CheckOffer("lint", "go vet ./...", "go.mod")
        yield CheckOffer("test", "go test ./...", "go.mod")


_SOURCES: tuple[Callable[[frozenset[str], Mapping[str, str]], Iterator[CheckOffer]], ...] = (
    _make,
    _node,
    _python,
    _others,
)
