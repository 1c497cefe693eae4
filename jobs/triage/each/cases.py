"""The cases of a folder or a backlog, each with a name that can be that of a folder."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

from agent.json_types import as_list, as_object, as_text

_LOGS = (".log", ".txt", ".xml", ".out")
_ISSUES = (".md", ".markdown")
_MOST_ISSUE = 64 * 1024
_MOST_BACKLOG = 256 * 1024 * 1024


class CasesError(ValueError):
    """There are no cases to be had; the message says why."""


@dataclass(frozen=True, slots=True)
class Case:
    """Logs and reports, an issue's text, and the log of an earlier run, whichever there are."""

    name: str
    logs: tuple[Path, ...] = ()
    issue: str = ""
    previous: Path | None = None


def load_cases(place: Path) -> list[Case]:
    """The cases, by name.

    Of a folder, each file and each folder is one; in those a Markdown file is the issue, `previous.*` an earlier run's.
    A JSON array or JSON lines are issues with `number` or `id`, `title` and `body`, as `gh issue list --json` has them.
    Raises `CasesError`, and `OSError`.
    """
    found = _folder(place) if place.is_dir() else _backlog(place)
    if not found:
        raise CasesError(f"{place} has no cases: no logs, reports or issues.")
    names = [case.name for case in found]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise CasesError(f"{place} has more than one case of the name {twice[0]}.")
    return sorted(found, key=lambda case: case.name)


def _folder(place: Path) -> list[Case]:
    cases: list[Case] = []
    for entry in sorted(place.iterdir()):
        if entry.name.startswith("."):
            continue
        _check_inside(place, entry)
        if entry.is_dir():
            case = _case_folder(place, entry)
            cases += [case] if case.logs or case.issue else []
        elif not entry.is_file():
            continue
        elif entry.suffix in _LOGS:
            cases.append(Case(_name(entry.stem), logs=(entry,)))
        elif entry.suffix in _ISSUES:
            cases.append(Case(_name(entry.stem), issue=_text(entry)))
    return cases


def _check_inside(place: Path, entry: Path) -> None:
    if entry.is_symlink() and not entry.resolve().is_relative_to(place.resolve()):
        raise CasesError(f"{entry} is a link out of {place}: a case must not bring in what the machine has elsewhere.")


def _case_folder(place: Path, folder: Path) -> Case:
    for entry in folder.iterdir():
        _check_inside(place, entry)
    files = [path for path in sorted(folder.iterdir()) if path.is_file() and not path.name.startswith(".")]
    previous = next((path for path in files if path.stem == "previous" and path.suffix in _LOGS), None)
    issue = next((path for path in files if path.suffix in _ISSUES), None)
    logs = tuple(path for path in files if path.suffix in _LOGS and path != previous)
    return Case(_name(folder.name), logs, _text(issue) if issue else "", previous)


def _text(path: Path) -> str:
    with path.open("rb") as stream:
        return stream.read(_MOST_ISSUE).decode("utf-8", "replace")


def _backlog(file: Path) -> list[Case]:
    if file.stat().st_size > _MOST_BACKLOG:
        raise CasesError(f"{file} has more than {_MOST_BACKLOG // 1024**2} MiB; split it.")
    text = file.read_text("utf-8", "replace")
    try:
        rows = as_list(json.loads(text)) if text.lstrip().startswith("[") else [json.loads(row) for row in _rows(text)]
    except (ValueError, RecursionError) as error:
        raise CasesError(f"{file} is neither a folder nor JSON of issues ({error}).") from error
    return [_issue(as_object(row), number) for number, row in enumerate(rows, 1)]


def _rows(text: str) -> list[str]:
    return [row for row in text.splitlines() if row.strip()]


def _issue(row: "object", number: int) -> Case:
    fields = as_object(row)
    name = fields.get("number") or fields.get("id") or number
    text = f"{as_text(fields.get('title'))}\n\n{as_text(fields.get('body'))}".strip()
    return Case(_name(f"{name}"), issue=text[:_MOST_ISSUE])


def _name(text: str) -> str:
    """A name that is a folder's anywhere, and no option, link or command."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", text).strip("-.")[:100] or "case"
