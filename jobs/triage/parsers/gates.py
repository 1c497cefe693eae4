"""Checks that say no without a failed test: formatters, coverage thresholds, pre-commit, TypeScript's compiler."""

import re
from collections.abc import Sequence

from jobs.triage.failures import Failure, Frame, Kind, Quote
from jobs.triage.lines import Line
from jobs.triage.parsers.base import NOTHING

_TSC = re.compile(r"^(\S+\.[cm]?tsx?)(?:\((\d{1,9}),\d{1,9}\):|:(\d{1,9}):\d{1,9} -) error (TS\d{1,6}): (.+)$")
_RUSTFMT = re.compile(r"^Diff in (/?[\w./ -]+\.rs)(?: at line |:)(\d{1,9})")
_PRETTIER = re.compile(r"^\[warn\] ([\w@./-]+\.\w{1,9})$")
_COVERAGE = (
    "Coverage failure: total of ",
    "FAIL Required test coverage of ",
    "ERROR: Coverage for ",
    'Jest: "',
)
_UNFORMATTED = (("black", "would reformat "), ("ruff format", "Would reformat: "))
_WORDS = ("reformat", "overage", "error TS", "Diff in ", "[warn] ", "hook id: ", "incorrectly sorted")


class GateParser:
    """A line each; of pre-commit the name of the hook under a line that ends with `Failed`, weak as it only wraps."""

    def __init__(self) -> None:
        self._failed = False

    def feed(self, line: Line) -> Sequence[Failure]:
        """See `Parser`."""
        text = line.text
        failed, self._failed = self._failed, text.endswith("Failed") and "..." in text
        if not any(map(text.__contains__, _WORDS)):
            return NOTHING
        if failed and text.startswith("- hook id: "):
            hook = text.removeprefix("- hook id: ")
            return (_found("pre-commit", f"the hook {hook} failed", line, weak=True),)
        if found := _TSC.match(text):
            number = found[2] or found[3]
            return (_found("tsc", f"{found[4]} {found[5]}", line, found[1], int(number)),)
        if any(text.removeprefix("ERROR: ").startswith(start) for start in _COVERAGE) and "overage" in text:
            return (_found("coverage", text.removeprefix("ERROR: "), line),)
        return self._format(line)

    def finish(self) -> Sequence[Failure]:
        """See `Parser`."""
        return NOTHING

    @staticmethod
    def _format(line: Line) -> Sequence[Failure]:
        text = line.text
        for tool, start in _UNFORMATTED:
            if text.startswith(start):
                return (_found(tool, "the file is not formatted", line, text.removeprefix(start)),)
        if text.startswith("ERROR: ") and " Imports are incorrectly sorted" in text:
            path = text.removeprefix("ERROR: ").partition(" Imports are ")[0]
            return (_found("isort", "imports are not sorted", line, path),)
        if found := _RUSTFMT.match(text):
            return (_found("rustfmt", "the file is not formatted", line, found[1], int(found[2])),)
        if found := _PRETTIER.match(text):
            return (_found("prettier", "the file is not formatted", line, found[1]),)
        return NOTHING


def _found(tool: str, message: str, line: Line, path: str = "", number: int = 0, *, weak: bool = False) -> Failure:
    frames = (Frame(path, number),) if path else ()
    return Failure(tool, Kind.LINT, path or tool, message, "", frames, (Quote(line.number, line.text),), weak=weak)
