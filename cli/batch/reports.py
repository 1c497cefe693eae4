"""The reports of a folder: of one run, or of each of several and of all together (--compare, --attempts)."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, TypeAlias

from agent.json_types import JsonObject, as_count, as_list, as_object, parse_object
from jobs.batch.choose.choice import Choice
from jobs.batch.choose.select import pass_rates
from jobs.batch.errors import BatchError
from jobs.batch.reports.attempts import attempts_markdown, attempts_of
from jobs.batch.reports.comparison import compare
from jobs.batch.reports.comparison_page import comparison_markdown, comparison_page
from jobs.batch.reports.facts import Run, read_run, runs_in
from jobs.batch.reports.summary import write_report
from jobs.batch.setup import RUN
from jobs.batch.store import replace_file

Kind: TypeAlias = Literal["single", "compare", "attempts"]


def write_reports(out: Path, kind: Kind, runs: Mapping[str, Run]) -> list[Path]:
    """Write the reports of the runs by name of their folders ("" is `out` itself), then of all together.

    Gives the Markdown files, the one to look at first at the head.
    """
    for name, run in runs.items():
        write_report(out / name, run)
    each = [out / name / "report.md" for name in runs]
    match kind:
        case "compare":
            return [_compared(out, runs), *each]
        case "attempts":
            return [_attempted(out, runs), *each]
        case "single":
            return each


def read_folder(out: Path) -> tuple[Kind, dict[str, Run]]:
    """What a folder holds. Raises `BatchError` when it is none of a batch."""
    found = runs_in(out)
    if not found:
        return "single", {"": read_run(out)}
    try:
        setup = parse_object((out / RUN).read_bytes()) or {}
    except OSError as error:
        raise BatchError(f"{out} holds several runs, but {out / RUN}, which says what they are, is gone.") from error
    runs = {name: read_run(folder) for name, folder in found.items()}
    total = max(run.total for run in runs.values())
    # One that was not begun is in the table all the same.
    kind: Kind = "compare" if setup.get("compare") else "attempts"
    count = range(1, as_count(setup.get("attempts")) + 1)
    planned = as_list(setup.get("compare")) if kind == "compare" else [f"attempt-{number}" for number in count]
    return kind, {str(name): runs.get(str(name)) or Run((), total) for name in planned}


def _compared(out: Path, runs: Mapping[str, Run]) -> Path:
    found = compare(runs)
    _write_json(out / "compare.json", found.as_json())
    replace_file(out / "compare.md", comparison_markdown(found).encode())
    replace_file(out / "compare.html", comparison_page(found).encode())
    return out / "compare.md"


def _attempted(out: Path, runs: Mapping[str, Run]) -> Path:
    choices = _choices(out)
    report = attempts_of(out, runs, pass_rates(runs), choices)
    _write_json(out / "attempts.json", report)
    replace_file(out / "attempts.md", attempts_markdown(report, choices).encode())
    return out / "attempts.md"


def _choices(out: Path) -> list[Choice]:
    try:
        found = as_object(json.loads((out / "selection.json").read_bytes()))
    except (OSError, ValueError):
        return []
    return [Choice.model_validate(choice) for choice in found.values()]


def _write_json(path: Path, value: JsonObject) -> None:
    replace_file(path, json.dumps(value, indent=1).encode() + b"\n")
