"""By whose rules a row is graded: those of the `swebench` package where it is installed, else our own for pytest.

What is used of the package is written down here, for SWE-bench 5.0.2 (`swebench/harness/grading.py`, `.../types.py`).
"""

import importlib
import importlib.util
import locale
import logging
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Protocol, cast

from jobs.batch.errors import BatchError
from jobs.batch.grading import Grade, Tests, grade
from jobs.batch.log_parsers import PARSERS
from jobs.batch.rows import GradedInstance

_logger = logging.getLogger(__name__)
OURS = "qwright's own rules for pytest"
_INSTALL = "`pip install 'qwright[swebench]'`, then evaluate again"


class _Grading(Protocol):
    """The module `swebench.harness.grading`."""

    PARSER_REGISTRY: Mapping[str, object]

    def get_logs_eval(self, test_spec: object, log_fp: str) -> tuple[dict[str, str], bool]: ...
    def get_eval_report(
        self, test_spec: object, prediction: dict[str, str], test_log_path: str, include_tests_status: bool
    ) -> dict[str, dict[str, object]]: ...


@dataclass(frozen=True, slots=True)
class Official:
    """The installed package."""

    name: str
    grading: _Grading
    spec: Callable[..., object]

    def grade(self, row: GradedInstance, log: str) -> Grade:
        """See `Rules`. The package reads logs from files, in this machine's encoding."""
        spec = self.spec(
            instance_id=row.instance_id,
            image=row.container_image,
            eval_script_list=[],
            repo=row.repo,
            version=row.version,
            FAIL_TO_PASS=list(row.FAIL_TO_PASS),
            PASS_TO_PASS=list(row.PASS_TO_PASS),
            log_parser=row.log_parser,
            eval_type=row.eval_type,
        )
        with tempfile.TemporaryDirectory(prefix="qwright-grade-") as folder:
            path = Path(folder) / "test_output.txt"
            path.write_text(log, encoding=locale.getpreferredencoding(do_setlocale=False), errors="replace")
            seen, told = self.grading.get_logs_eval(spec, str(path))
            prediction = {"instance_id": row.instance_id, "model_patch": "graded by its log"}
            report = self.grading.get_eval_report(spec, prediction, str(path), True)[row.instance_id]
        found = cast("Mapping[str, Mapping[str, Sequence[str]]]", report.get("tests_status") or {})
        lists = (("FAIL_TO_PASS", row.FAIL_TO_PASS), ("PASS_TO_PASS", row.PASS_TO_PASS))
        mended, kept = (_tests(found.get(name, {"failure": tests})) for name, tests in lists)
        resolved = report["resolved"] is True
        return Grade(resolved=resolved, told=told, tests_seen=len(seen), fail_to_pass=mended, pass_to_pass=kept)


@dataclass(frozen=True, slots=True)
class Rules:
    """`name` says whose they are. `grade` takes a log whose line ends are newlines, and may fail on it."""

    name: str
    grade: Callable[[str], Grade]


def rules_for(row: GradedInstance) -> Rules:
    """The rules for a row. Raises `BatchError` with what would provide its log parser."""
    official, problem = official_package()
    if official is not None and row.log_parser in official.grading.PARSER_REGISTRY:
        return Rules(official.name, partial(official.grade, row))
    if parse := PARSERS.get(row.log_parser):
        return Rules(
            f"{OURS} ({problem})" if problem else OURS,
            lambda log: grade(log, parse, row.FAIL_TO_PASS, row.PASS_TO_PASS, row.eval_type),
        )
    if official is not None:
        raise BatchError(f"Neither qwright nor {official.name} knows the log parser {row.log_parser}.")
    why = f"{problem}; mend it with" if problem else "the package swebench is not installed:"
    raise BatchError(f"The log parser {row.log_parser} is not one of qwright's own, and {why} {_INSTALL}.")


@cache
def official_package() -> tuple[Official | None, str]:
    """The package, or None; then also why it cannot be used, "" where it is not there. Takes seconds the first time."""
    if importlib.util.find_spec("swebench") is None:
        return None, ""
    try:
        grading = cast("_Grading", importlib.import_module("swebench.harness.grading"))
        spec = cast("Callable[..., object]", importlib.import_module("swebench.types").TestSpec)
        _ = grading.PARSER_REGISTRY, grading.get_logs_eval, grading.get_eval_report
        return Official(f"swebench {version('swebench')}", grading, spec), ""
    except (ImportError, AttributeError, PackageNotFoundError) as error:
        _logger.warning("the installed swebench package cannot be used", exc_info=error)
        return None, f"the installed swebench package cannot be used ({type(error).__name__}: {error})"


def _tests(found: Mapping[str, Sequence[str]]) -> Tests:
    return Tests(success=tuple(found.get("success", ())), failure=tuple(found.get("failure", ())))
