"""From the folders of several attempts to one prediction for each instance."""

import json
import logging
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from agent.json_types import JsonObject
from agent.log import SessionLog
from jobs.batch.choose.bench import Bench
from jobs.batch.choose.choice import Candidate, Choice, choose, distinct
from jobs.batch.choose.patches import parts_of
from jobs.batch.choose.suites import Suite, commands_of
from jobs.batch.prediction_files import write_patches
from jobs.batch.reports.facts import BY_TESTS, GRADED, Run
from jobs.batch.rows import Instance
from jobs.batch.statistics import pass_at
from jobs.batch.store import InstanceFolder, is_finished, replace_file
from jobs.batch.workers import Room, run_all

_logger = logging.getLogger(__name__)


async def select_all(
    instances: Sequence[Instance], attempts: Mapping[str, Path], bench: Bench, room: Room, say: Callable[[str], None]
) -> list[Choice]:
    """Choose for every instance that has a finished attempt; choices in the order of the instances."""
    chosen: dict[str, Choice] = {}

    async def one(instance: Instance) -> None:
        try:
            await choose_one(instance)
        finally:
            # Whoever waits for room on the disk waits for this image to be let go of.
            await bench.done(instance)

    async def choose_one(instance: Instance) -> None:
        candidates = candidates_of(instance, attempts)
        if not candidates:
            return
        heads, suites = distinct(candidates), suites_of(instance, attempts, candidates)
        results: dict[str, list[bool]] = {}
        for head in heads if len(heads) > 1 and suites else ():
            went = await bench.results(instance, head, suites)
            if went is None:
                # Tried on some patches only, the tests would favour these.
                results = {}
                break
            results[head.attempt] = went
        choice = choose(instance.instance_id, candidates, results)
        chosen[instance.instance_id] = choice
        say(f"{instance.instance_id}: {choice.attempt or 'none'} ({choice.reason})")

    try:
        await run_all(instances, one, room)
    except ExceptionGroup as group:
        # The choices of all others stand.
        _logger.exception("%d instances were not chosen for", len(group.exceptions))
        say(f"{len(group.exceptions)} instances met an error of qwright's own when their attempts were compared.")
    return [chosen[it.instance_id] for it in instances if it.instance_id in chosen]


def candidates_of(instance: Instance, attempts: Mapping[str, Path]) -> list[Candidate]:
    """The finished attempts; one that the infrastructure ended is none."""
    found: list[Candidate] = []
    for name, out in attempts.items():
        folder = InstanceFolder(out / instance.instance_id)
        status = folder.status()
        if status is not None and is_finished(status):
            patch = folder.patch().decode("utf-8", "surrogateescape")
            found.append(Candidate(name, patch, parts_of(patch), status.exit_status == "submitted"))
    return found


def suites_of(instance: Instance, attempts: Mapping[str, Path], candidates: Sequence[Candidate]) -> list[Suite]:
    """The tests of each attempt that ran any; the same tests of two attempts count once."""
    suites: dict[tuple[str, tuple[str, ...]], Suite] = {}
    for candidate in candidates:
        try:
            log = SessionLog.open(InstanceFolder(attempts[candidate.attempt] / instance.instance_id).log, create=False)
        except (OSError, sqlite3.Error):
            continue
        try:
            commands = commands_of(log)
        finally:
            log.close()
        if commands:
            suite = Suite(candidate.attempt, candidate.parts.tests, commands)
            suites.setdefault((suite.tests, suite.commands), suite)
    return list(suites.values())


def write_choices(out: Path, model: str, choices: Sequence[Choice], attempts: Mapping[str, Path]) -> None:
    """`selection.json`, and the chosen patches as the predictions of the folder."""
    shown: JsonObject = {choice.instance_id: choice.model_dump(mode="json") for choice in choices}
    replace_file(out / "selection.json", json.dumps(shown, indent=1).encode() + b"\n")
    patches = {
        it.instance_id: InstanceFolder(attempts[it.attempt] / it.instance_id).patch() if it.attempt else b""
        for it in choices
    }
    write_patches(out, model, patches)


def pass_rates(runs: Mapping[str, Run]) -> dict[int, tuple[float, int]]:
    """pass@k for each k: its unbiased estimate, and the instances with enough graded attempts for it.

    An attempt that was not graded or was ended by the infrastructure is no attempt.
    """
    graded: dict[str, list[bool]] = {}
    if not any(it.outcome in BY_TESTS for run in runs.values() for it in run.facts):
        return {}
    for run in runs.values():
        for it in run.facts:
            if it.outcome in GRADED:
                graded.setdefault(it.status.instance_id, []).append(it.outcome == "resolved")
    rates: dict[int, tuple[float, int]] = {}
    for k in range(1, len(runs) + 1):
        each = [rate for went in graded.values() if (rate := pass_at(k, len(went), sum(went))) is not None]
        if each:
            rates[k] = (sum(each) / len(each), len(each))
    return rates
