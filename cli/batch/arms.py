"""Runs side by side from the command line: one, one for each thinking policy (--compare), or attempts (--attempts)."""

import secrets
from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeAlias, cast

from agent.json_types import JsonValue, as_object
from agent.settings import Settings
from agent.thinking import Policy
from cli.batch.reports import Kind, write_reports
from cli.errors import UsageError
from jobs.batch.choose.bench import Bench
from jobs.batch.choose.select import select_all, write_choices
from jobs.batch.evaluation import grade_folder
from jobs.batch.place import Opener
from jobs.batch.reports.facts import Run, read_run, setup_in
from jobs.batch.rows import GradedInstance, Instance
from jobs.batch.setup import record_images
from jobs.batch.stock import Stock
from jobs.batch.workers import Room
from sandboxes.protocol import Limits

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
        """What the folder of one of the runs records as its setup: which it is, its policy, the seed that is sent."""
        if self.kind == "single":
            return dict(setup)
        seed = setup.get("seed")
        if self.kind == "attempts":
            sent = seed + list(self.folders).index(name) if isinstance(seed, int) else None
            return {**setup, "run": name, "sent_seed": sent}
        configuration = {**as_object(setup.get("configuration")), "thinking": name}
        return {**setup, "run": name, "sent_seed": seed, "configuration": configuration}


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
    stock: Stock
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
        folders = [*self.plan.folders.values(), *([self.plan.out] if self.plan.kind == "attempts" else [])]
        for _ in folders:
            self.stock.expect(row.container_image for row in graded)
        for folder in folders:
            self.say(f"Grading {folder}.")
            await grade_folder(folder, graded, self.limits, GRADING_S, self.workers, self.say, self.stock)

    def report(self, problems: Sequence[str]) -> str:
        """Write the reports of all runs, and of all together; returns where to look first."""
        runs: dict[str, Run] = {}
        known = {it.instance_id for it in self.instances}
        for name, folder in self.plan.folders.items():
            found = read_run(folder) if any(folder.glob("*/status.json")) else Run((), 0)
            record_images(folder, [it.status for it in found.facts])
            own = [it for it in found.facts if it.status.instance_id in known]
            runs[name] = Run(own, len(self.instances), setup_in(folder), problems)
        return str(write_reports(self.plan.out, self.plan.kind, runs)[0])
