"""Suspects by the company they keep: functions that failing tests call and passing ones do not.

A failed assertion has no frame in the code that is wrong. The tests of its file are run once more with calls traced,
and each function is given Ochiai's coefficient, failed / sqrt(all failed * (failed + passed)), the best of the simple
measures for this (Abreu et al., "On the accuracy of spectrum-based fault localization", 2007).
"""

import math
from dataclasses import dataclass
from pathlib import Path

from agent.json_types import as_count, as_list, as_text, parse_object
from jobs.triage.inquiry.place import Place
from jobs.triage.inquiry.target import Target
from jobs.triage.inquiry.trial import Effort
from jobs.triage.places import is_test
from jobs.triage.untrusted import one_line
from jobs.triage.verdict import Suspect
from sandboxes.errors import PathError

PLUGIN = Path(__file__).with_name("spectrum_plugin.py")
_MOST_BYTES = 8 * 1024 * 1024
MOST_SUSPECTS = 5


@dataclass(frozen=True, slots=True)
class Called:
    """A function, and how many failing and passing tests call it."""

    path: str
    line: int
    name: str
    failed: int
    passed: int


@dataclass(frozen=True, slots=True)
class Spectrum:
    """What the tests of one run called."""

    failed: int
    passed: int
    functions: tuple[Called, ...]


async def traced(place: Place, target: Target, effort: Effort) -> Spectrum | None:
    """The spectrum of the failing test's file; None where that is not pytest, or cannot be traced.

    Raises `SandboxError`.
    """
    command = target.wider or target.command
    if not command.startswith("python -m pytest "):
        return None
    folder = f"{place.sandbox.scratch}/spectrum"
    out = f"{folder}/spectrum.json"
    await place.sandbox.write_file(f"{folder}/qwright_spectrum.py", PLUGIN.read_bytes())
    variables = f"QWRIGHT_SPECTRUM={out} PYTHONPATH={folder}:$PYTHONPATH"
    arguments = command.removeprefix("python -m pytest ")
    traced_command = f"{variables} python -m pytest -p qwright_spectrum {arguments}"
    await place.sandbox.run(f"cd {place.sandbox.workdir!r} && {traced_command}", timeout_s=effort.run_s())
    await place.workspace.restore(place.workspace.base)
    try:
        content = await place.sandbox.read_file(out, limit=_MOST_BYTES)
        await place.sandbox.delete_file(out)
    except PathError:
        return None
    return parsed(content.data)


def parsed(data: bytes) -> Spectrum | None:
    """What the plugin wrote; None for anything else."""
    found = parse_object(data)
    if found is None:
        return None
    rows = [list(as_list(row)) for row in as_list(found.get("functions"))]
    functions = tuple(
        Called(as_text(row[0]), as_count(row[1]), as_text(row[2]), as_count(row[3]), as_count(row[4]))
        for row in rows
        if len(row) == 5
    )
    return Spectrum(as_count(found.get("failed")), as_count(found.get("passed")), functions)


def ochiai(called: Called, failed: int) -> float:
    """From 0 to 1; 1 for a function that all failing tests call and no passing one."""
    reached = failed * (called.failed + called.passed)
    return called.failed / math.sqrt(reached) if reached else 0.0


def suspects_of(spectrum: Spectrum | None, paths: frozenset[str]) -> list[Suspect]:
    """The most suspicious files of the repository, each with its most suspicious function; tests are none."""
    if spectrum is None or not spectrum.failed:
        return []
    best: dict[str, Called] = {}
    for called in sorted(spectrum.functions, key=lambda one: (-ochiai(one, spectrum.failed), one.path, one.line)):
        if called.path in paths and not is_test(called.path):
            best.setdefault(called.path, called)
    return [
        Suspect(path=path, line=called.line, why=_why(called, spectrum))
        for path, called in list(best.items())[:MOST_SUSPECTS]
    ]


def _why(called: Called, spectrum: Spectrum) -> str:
    failing = f"{called.failed} of {spectrum.failed} failing"
    return f"{one_line(called.name, 80)} is called by {failing} and {called.passed} of {spectrum.passed} passing tests"
