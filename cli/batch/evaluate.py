"""`qwright evaluate`: predictions in, verdicts out."""

import asyncio
import json
from argparse import Namespace
from dataclasses import replace
from pathlib import Path

from cli import exit_codes
from cli.batch.command import ids_of, say
from cli.batch.images import look_at_disk, rules_of, stock_of
from cli.errors import CommandError, UsageError
from cli.lock import session_lock
from cli.place import CRASH_GRACE_S
from cli.until_signal import until_signal
from jobs.batch.errors import BatchError
from jobs.batch.evaluation import EVALUATION, Evaluation, run_report
from jobs.batch.inputs.source import Source, load
from jobs.batch.predictions import load_predictions
from jobs.batch.reports.facts import read_run
from jobs.batch.reports.summary import write_report
from jobs.batch.rows import GradedInstance
from jobs.batch.selection import select
from jobs.batch.stock import StockRules
from jobs.batch.store import replace_file
from jobs.batch.trial import SESSION_PREFIX, Result
from sandboxes.errors import SandboxError
from sandboxes.protocol import Limits


def execute(options: Namespace) -> int:
    """See `cli.parsers.evaluate`. Exit code 0 when all was graded, 4 when the infrastructure failed for some, 1 when a
    row was bad.
    """
    if (options.predictions is not None) + options.gold + options.empty != 1:
        raise UsageError("Name a file of predictions, or one of --gold and --empty.")
    if options.workers < 1:
        raise UsageError("--workers must be at least 1.")
    try:
        return _execute(options)
    except BatchError as error:
        raise UsageError(str(error)) from error


def _execute(options: Namespace) -> int:
    loaded = load(Source(options.rows), GradedInstance)
    for problem in loaded.problems:
        say(f"Left out: {problem}")
    rows = select(loaded.rows, ids_of(options.ids), None, None)
    patches, model = patches_of(options, rows)
    out = out_of(options, model)
    with session_lock(out):
        limits = Limits(memory_bytes=int(options.memory_gb * 1024**3))
        evaluation = Evaluation(rows, patches, out, limits, options.timeout, options.workers, say, options.empty)
        results: list[Result] = []
        if asyncio.run(until_signal(_run(evaluation, rules_of(options), results))):
            raise CommandError("Interrupted; the same command goes on with the rest.", exit_codes.INTERRUPTED)
        report = run_report(rows, patches, results)
        replace_file(out / "report.json", json.dumps(report, indent=1).encode() + b"\n")
        if out.name == EVALUATION and any(out.parent.glob("*/status.json")):
            write_report(out.parent, read_run(out.parent))
    counts = ("resolved", "unresolved", "empty_patch", "error", "infra_failure")
    told = [f"{report[f'{name}_instances']} {name}" for name in counts]
    print(", ".join(told), f"of {len(rows)}; {out / 'report.json'}")
    if any(it.verdict == "infra_failure" for it in results):
        return exit_codes.SANDBOX
    return exit_codes.FAILED if loaded.problems else exit_codes.DONE


async def _run(evaluation: Evaluation, rules: StockRules, results: list[Result]) -> None:
    """Grade into `results`. Only what has to be run needs an engine, and room on its disk."""
    to_run = evaluation.to_run()
    async with stock_of(evaluation.out, rules, (row.container_image for row in to_run)) as stock:
        if to_run:
            await _tidied()
            await look_at_disk(stock, evaluation.workers, say)
        results.extend(await replace(evaluation, images=stock).run())


async def _tidied() -> None:
    """Remove what a killed call left: nobody goes on with a container of a trial."""
    from sandboxes.container.reap import reap

    try:
        await reap(older_than_s=CRASH_GRACE_S, at_once=lambda session: session.startswith(SESSION_PREFIX))
    except SandboxError as error:
        raise CommandError(str(error), exit_codes.SANDBOX) from error


def patches_of(options: Namespace, rows: list[GradedInstance]) -> tuple[dict[str, str], str]:
    """Patch by instance, and the name of what made them. Predictions without a row are told and left out."""
    if options.gold:
        return {row.instance_id: row.patch for row in rows}, "gold"
    if options.empty:
        return {row.instance_id: "" for row in rows}, "empty"
    predictions = load_predictions(options.predictions)
    known = {row.instance_id for row in rows}
    strange = [it.instance_id for it in predictions if it.instance_id not in known]
    if strange and options.ids is None:
        say(f"Left out: no good row of {options.rows} has {', '.join(strange)}.")
    patches = {it.instance_id: it.patch or "" for it in predictions if it.instance_id in known}
    return patches, predictions[0].model_name_or_path if predictions else ""


def out_of(options: Namespace, name: str) -> Path:
    """The folder of the results."""
    if options.out is not None:
        return options.out
    return options.predictions.parent / EVALUATION if options.predictions else Path(f"evaluation-{name}")
