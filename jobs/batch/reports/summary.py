"""`report.json`: what came out, what it cost, and with what it can be repeated. Pure."""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

from agent.json_types import JsonObject, JsonValue
from jobs.batch.figures import Figures
from jobs.batch.reports.facts import BY_TESTS, GRADED, NO_ANSWER, OUTCOMES, Facts, Run
from jobs.batch.reports.markdown import markdown
from jobs.batch.reports.page import page
from jobs.batch.reports.phases import phases, sums_of
from jobs.batch.statistics import spread, wilson
from jobs.batch.store import Status, is_finished, replace_file

EXITS = ("submitted", "limit", "failed", "infra", "crashed", "running")
# What is plotted and summed up for each instance: name, unit, and how it is read off.
MEASURES: tuple[tuple[str, str, Callable[[Status], float]], ...] = (
    ("steps", "steps", lambda it: it.steps),
    ("seconds", "s", lambda it: it.seconds),
    ("prompt tokens", "tokens", lambda it: it.figures.prompt_tokens),
    ("completion tokens", "tokens", lambda it: it.figures.completion_tokens),
    ("reasoning tokens", "tokens", lambda it: it.figures.reasoning_tokens),
    ("patch", "bytes", lambda it: it.patch_bytes),
)


def report_of(run: Run) -> JsonObject:
    """The report of a run. Times are seconds, summed over the instances."""
    statuses = [it.status for it in run.facts]
    exits = Counter(status.exit_status for status in statuses)
    sums = sums_of(statuses)
    outcomes = Counter(it.outcome for it in run.facts)
    ended = [status for status in statuses if is_finished(status)]
    return {
        "schema_version": 1,
        "instances": run.total,
        "not_begun": run.total - len(statuses),
        "outcomes": {name: outcomes[name] for name in OUTCOMES},
        "resolve_rate": resolve_rate(run.facts, run.total),
        "exit_statuses": {name: exits[name] for name in EXITS},
        "empty_patches": outcomes["empty"],
        "attempts": sum(status.attempts for status in statuses),
        "steps": sum(status.steps for status in statuses),
        "tokens": {name: getattr(sums, f"{name}_tokens") for name in ("prompt", "cached", "completion", "reasoning")},
        "thinking": thinking_of(sums),
        "faults_survived": sums.faults,
        "seconds": phases(statuses),
        "per_instance": {name: asdict(spread([read(it) for it in ended])) for name, _, read in MEASURES},
        "setup": run.setup,
        "rows_left_out": list(run.problems),
        "by_instance": {it.status.instance_id: _one(it) for it in run.facts},
    }


def resolve_rate(facts: Sequence[Facts], total: int) -> JsonObject | None:
    """Share of the graded instances that are resolved, with its 95 % interval; None when nothing was graded.

    What the infrastructure ended counts as not resolved, as on the leaderboards; `without_infra` leaves it out. What
    was not graded, not begun or interrupted is in neither: `not_graded` of `total`.
    """
    outcomes = Counter(it.outcome for it in facts)
    if not any(outcomes[name] for name in BY_TESTS):
        return None
    resolved = outcomes["resolved"]
    graded, unanswered = (sum(outcomes[name] for name in names) for names in (GRADED, NO_ANSWER))
    rates: dict[str, JsonValue] = {"not_graded": total - graded - unanswered, "instances": total}
    for name, of in (("all", graded + unanswered), ("without_infra", graded)):
        interval = wilson(resolved, of)
        rates[name] = {"resolved": resolved, "of": of, "rate": resolved / of if of else 0.0, **asdict(interval)}
    return rates


def thinking_of(sums: Figures) -> JsonObject:
    """How much was thought and what it cost; the saving is an estimate (`agent.thinking.account`)."""
    saving: JsonObject = {"reasoning_tokens": sums.saved_tokens, "seconds": sums.saved_s}
    return {
        "steps_with": sums.thinking_steps,
        "steps_without": sums.direct_steps,
        "reasoning_tokens": sums.reasoning_tokens,
        "seconds": sums.thought_s,
        "estimated_saving": None if sums.saved_tokens is None else saving,
    }


def _one(it: Facts) -> JsonObject:
    return {
        **it.status.model_dump(mode="json"),
        "outcome": it.outcome,
        "why": it.why,
        "phases": phases([it.status]),
    }


def write_report(out: Path, run: Run) -> None:
    """Write all three forms."""
    report = report_of(run)
    replace_file(out / "report.json", json.dumps(report, indent=1).encode() + b"\n")
    replace_file(out / "report.md", markdown(report, run).encode())
    ended = [it.status for it in run.facts if is_finished(it.status)]
    plots = [(name, unit, [read(status) for status in ended]) for name, unit, read in MEASURES]
    replace_file(out / "report.html", page(report, run, plots).encode())
