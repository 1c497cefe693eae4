"""`qwright triage`: a verdict from logs, and the check of one."""

import sys
from argparse import Namespace
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from cli import exit_codes
from cli.errors import CommandError, UsageError
from cli.version import VERSION
from jobs.triage.check import MOST_BYTES, RefusedError, checked
from jobs.triage.codeowners import CodeOwners, read_owners
from jobs.triage.findings import Findings
from jobs.triage.intake import opened, read_failures
from jobs.triage.judge import verdict_of
from jobs.triage.junit import ReportError
from jobs.triage.places import Places
from jobs.triage.reports.annotations import annotations
from jobs.triage.reports.junit import junit
from jobs.triage.reports.markdown import markdown
from jobs.triage.reports.sarif import sarif
from jobs.triage.verdict import LABELS, Verdict

IMAGE_PREFIX = "image:"


def execute(options: Namespace) -> int:
    """See `cli.parsers.triage` and docs/triage.md for the exit codes."""
    repo = _repository(options)
    if options.check:
        return _check(options, repo)
    if options.allow_label:
        raise UsageError("--allow-label goes with --check.")
    if options.fix and options.no_model:
        raise UsageError("--fix needs the model; leave --no-model out.")
    missing = [name for name in options.inputs if name != "-" and not Path(name).exists()]
    if missing:
        raise UsageError(f"{missing[0]} cannot be read: No such file or directory.")
    runs = not options.no_model or options.runs or options.shown_by or options.good
    if runs and not options.repo:
        raise UsageError(
            "Give --repo PATH: the failure is run, and looked at by the model, in a copy of it. With --no-model and "
            "without --runs, --command and --good the logs alone decide."
        )
    if options.each:
        if options.inputs or options.issue or options.previous:
            raise UsageError("--each has the inputs of its cases; leave the others out.")
        from cli.triage.each import execute as execute_each

        return execute_each(options, repo, runs=bool(runs))
    if options.out is not None:
        raise UsageError("--out goes with --each.")
    findings, owners = _findings(options), owners_of(options, repo)
    verdict = verdict_of(findings, Places(repo), owners)
    if runs:
        from cli.triage.inquiry import inquired

        verdict = inquired(options, verdict, findings, owners)
    _write(_formatted(verdict, options.format))
    return exit_codes.OF_VERDICT[verdict.category.value]


def _repository(options: Namespace) -> Path | None:
    if not options.repo or options.repo.startswith(IMAGE_PREFIX):
        return None
    repo = Path(options.repo)
    if not repo.is_dir():
        raise UsageError(f"--repo {repo} is no folder.")
    return repo


def owners_of(options: Namespace, repo: Path | None) -> CodeOwners:
    """Who may be named, by `--owners` or else by the repository. Raises `UsageError` for a place that is none."""
    if options.owners is not None and not options.owners.exists():
        raise UsageError(f"--owners {options.owners} is no CODEOWNERS file and no folder with one.")
    return read_owners(repo, options.owners)


def _findings(options: Namespace) -> Findings:
    findings = Findings()
    names = options.inputs or ([] if options.issue else ["-"])
    if not options.inputs and "-" in names and sys.stdin.isatty():
        raise UsageError("Name a log or a JUnit file, or pipe one in: `make test 2>&1 | qwright triage`.")
    if [*names, options.issue, options.previous].count("-") > 1:
        raise UsageError("Standard input (-) can be one input only.")
    for name in names:
        with _reading(name) as stream:
            findings.add(read_failures(stream, name), name)
    if options.issue:
        with _reading(options.issue) as stream:
            findings.add_issue(read_failures(stream, options.issue), options.issue)
    if options.previous:
        with _reading(options.previous) as stream:
            findings.add_previous(read_failures(stream, options.previous, findings.previous_revision))
    return findings


def _formatted(verdict: Verdict, form: str) -> str:
    if form == "json":
        return verdict.model_dump_json(indent=2) + "\n"
    if form == "sarif":
        return sarif(verdict, VERSION)
    if form == "labels":
        return "".join(f"{label}\n" for label in verdict.labels)
    return {"github": annotations, "junit": junit, "markdown": markdown}[form](verdict)


def _check(options: Namespace, repo: Path | None) -> int:
    if options.inputs or options.issue or options.previous:
        raise UsageError("--check reads a verdict and nothing else; leave the other inputs out.")
    allowed = frozenset(options.allow_label or LABELS)
    with _reading(options.check) as stream:
        data = stream.read(MOST_BYTES + 1)
    try:
        verdict = checked(data, repo, allowed, owners_of(options, repo))
    except RefusedError as error:
        raise CommandError(f"{options.check} is refused: {error}") from error
    _write(_formatted(verdict, options.format))
    return exit_codes.DONE


def _write(text: str) -> None:
    sys.stdout.buffer.write(text.encode("utf-8", "replace"))
    sys.stdout.flush()


@contextmanager
def _reading(name: str) -> Generator[BinaryIO, None, None]:
    try:
        with opened(name, sys.stdin.buffer) as stream:
            yield stream
    except OSError as error:
        raise UsageError(f"{name} cannot be read: {error.strerror}.") from error
    except ReportError as error:
        raise UsageError(f"{name}: {error}") from error
