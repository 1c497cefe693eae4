"""Runs side by side from the command line: one, one for each thinking policy (--compare), or attempts (--attempts)."""

import json
import secrets
from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, TypeAlias, cast

from agent.json_types import JsonObject, JsonValue, as_object
from agent.settings import Settings
from agent.thinking import Policy
from cli.errors import UsageError
from jobs.batch.choose.bench import Bench
from jobs.batch.choose.choice import Choice
from jobs.batch.choose.select import pass_rates, select_all, write_choices
from jobs.batch.evaluation import grade_folder
from jobs.batch.place import Opener
from jobs.batch.reports.attempts import attempts_markdown, attempts_of
from jobs.batch.reports.comparison import compare
from jobs.batch.reports.comparison_page import comparison_markdown, comparison_page
from jobs.batch.reports.facts import Run, facts_of, read_run
from jobs.batch.reports.summary import write_report
from jobs.batch.rows import GradedInstance, Instance
from jobs.batch.store import replace_file
from jobs.batch.workers import Room
from sandboxes.protocol import Limits

Kind: TypeAlias = Literal["single", "compare", "attempts"]
Say: TypeAlias = Callable[[str], None]
GRADING_S = 1800.0


@dataclass(frozen=True, slots=True)
class Plan:
    """`folders` are those of the runs, by name; the only one of a single run is named "".

    `salt` is new with every call: an earlier comparison must not have warmed the caches of this one.
    """

    kind: Kind
    out: Path
    folders: Mapping[str, Path]
    salt: str = field(default_factory=lambda: secrets.token_hex(8))

    def settings(self, name: str, settings: Settings) -> Settings:
        """The settings of one of the runs.

        Policies have prefix caches of their own where the server is a vLLM, or who comes second to an instance would
        find it read already. Attempts have seeds one after the other, or all would be the same.
        """
        if self.kind == "compare":
            salt = f"{name}-{self.salt}" if settings.endpoint.version else ""
            endpoint = replace(settings.endpoint, cache_salt=salt)
            return replace(settings, endpoint=endpoint, thinking=cast("Policy", name))
        seed = settings.endpoint.seed
        if seed is None:
            return settings
        return replace(settings, endpoint=replace(settings.endpoint, seed=seed + list(self.folders).index(name)))

    def setup(self, name: str, setup: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
        """What the folder of one of the runs records as its setup."""
        if self.kind != "compare":
            return dict(setup)
        return {**setup, "configuration": {**as_object(setup.get("configuration")), "thinking": name}}


def plan_of(options: Namespace) -> Plan:
    """From --compare and --attempts. Raises `UsageError` when both are there."""
    if options.compare and options.attempts > 1:
        raise UsageError("Use --compare or --attempts, not both: attempts of one policy would be set against others.")
    if options.compare:
        if options.thinking:
            raise UsageError("--compare names the policies; leave --thinking out.")
        return Plan("compare", options.out, {name: options.out / name for name in options.compare})
    if options.attempts > 1:
        names = [f"attempt-{number}" for number in range(1, options.attempts + 1)]
        return Plan("attempts", options.out, {name: options.out / name for name in names})
    return Plan("single", options.out, {"": options.out})


@dataclass(frozen=True, slots=True)
class Conclusion:
    """What is done when the runs are over. `graded` are the rows with their tests, none when nothing is graded."""

    plan: Plan
    instances: Sequence[Instance]
    model: str
    places: Opener
    limits: Limits
    room: Room
    workers: int
    say: Say

    async def choose(self) -> None:
        """Choose among the attempts."""
        self.say("The tests of the attempts are run on each other's patches, to choose one for each instance.")
        bench = Bench(self.places)
        choices = await select_all(self.instances, self.plan.folders, bench, self.room, self.say)
        write_choices(self.plan.out, self.model, choices, self.plan.folders)

    async def grade(self, graded: Sequence[GradedInstance]) -> None:
        """Grade the predictions of every run, and those that were chosen."""
        folders = list(self.plan.folders.values())
        for folder in [*folders, *([self.plan.out] if self.plan.kind == "attempts" else [])]:
            self.say(f"Grading {folder}.")
            await grade_folder(folder, graded, self.limits, GRADING_S, self.workers, self.say)

    def report(self, setup: Mapping[str, JsonValue], problems: Sequence[str]) -> str:
        """Write the reports of all runs, and of all together; returns where to look first."""
        runs: dict[str, Run] = {}
        for name, folder in self.plan.folders.items():
            statuses = read_run(folder).facts if any(folder.glob("*/status.json")) else ()
            known = {it.instance_id for it in self.instances}
            own = [it.status for it in statuses if it.status.instance_id in known]
            run = Run(facts_of(folder, own), len(self.instances), self.plan.setup(name, setup), problems)
            runs[name] = run
            write_report(folder, run)
        if self.plan.kind == "compare":
            return self._compared(runs)
        return self._attempted(runs) if self.plan.kind == "attempts" else str(self.plan.out / "report.md")

    def _compared(self, runs: Mapping[str, Run]) -> str:
        found = compare(runs)
        out = self.plan.out
        _write_json(out / "compare.json", found.as_json())
        replace_file(out / "compare.md", comparison_markdown(found).encode())
        replace_file(out / "compare.html", comparison_page(found).encode())
        return str(out / "compare.md")

    def _attempted(self, runs: Mapping[str, Run]) -> str:
        out, rates = self.plan.out, pass_rates(runs)
        choices = _choices(out)
        report = attempts_of(out, runs, rates, choices)
        _write_json(out / "attempts.json", report)
        replace_file(out / "attempts.md", attempts_markdown(report, choices).encode())
        return str(out / "attempts.md")


def _choices(out: Path) -> list[Choice]:
    try:
        found = as_object(json.loads((out / "selection.json").read_bytes()))
    except (OSError, ValueError):
        return []
    return [Choice.model_validate(choice) for choice in found.values()]


def _write_json(path: Path, value: JsonObject) -> None:
    replace_file(path, json.dumps(value, indent=1).encode() + b"\n")
