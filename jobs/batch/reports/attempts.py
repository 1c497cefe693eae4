"""What several attempts at each instance are worth: pass@1, pass@k, and the attempt that was chosen."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from pydantic import ValidationError

from agent.json_types import JsonObject, JsonValue, as_object
from jobs.batch.choose.choice import Choice
from jobs.batch.evaluation import EVALUATION
from jobs.batch.reports.facts import BY_TESTS, Run
from jobs.batch.reports.markdown import number, plain
from jobs.batch.reports.phases import phases, sums_of
from jobs.batch.statistics import wilson
from jobs.batch.store import InstanceFolder
from jobs.batch.trial import Result


def attempts_of(
    out: Path, runs: Mapping[str, Run], rates: Mapping[int, tuple[float, int]], choices: Sequence[Choice]
) -> JsonObject:
    """The report; `rates` are pass@k and how many instances each rests on."""
    verdicts = {choice.instance_id: _verdict(out, choice) for choice in choices}
    resolved = sum(verdict == "resolved" for verdict in verdicts.values())
    graded = any(verdict in BY_TESTS for verdict in verdicts.values())
    total = sum(verdict in (*BY_TESTS, "empty_patch") for verdict in verdicts.values())
    interval = wilson(resolved, total)
    statuses = [it.status for run in runs.values() for it in run.facts]
    chosen: JsonObject = {
        "resolved": resolved,
        "of": total,
        "not_graded": len(choices) - total,
        "rate": resolved / total if total else 0.0,
        "low": interval.low,
        "high": interval.high,
    }
    each: dict[str, JsonValue] = {
        choice.instance_id: {
            "chosen": choice.attempt,
            "verdict": verdicts[choice.instance_id],
            "attempts": {
                name: run.by_id()[choice.instance_id].outcome
                for name, run in runs.items()
                if choice.instance_id in run.by_id()
            },
        }
        for choice in choices
    }
    return {
        "schema_version": 1,
        "attempts": len(runs),
        "pass_at": {str(k): {"rate": rate, "instances": count} for k, (rate, count) in rates.items()},
        "chosen": chosen if graded else None,
        "seconds": phases(statuses),
        "figures": sums_of(statuses).model_dump(mode="json"),
        "by_instance": each,
    }


def _verdict(out: Path, choice: Choice) -> str:
    """How the chosen patch was graded; "" when it was not, or when another one was."""
    if not choice.attempt:
        return "empty_patch"
    folder = out / EVALUATION / choice.instance_id
    patch = InstanceFolder(out / choice.attempt / choice.instance_id).patch()
    try:
        result = Result.model_validate_json((folder / "result.json").read_bytes())
        return result.verdict if (folder / "patch.diff").read_bytes().strip() == patch.strip() else ""
    except (OSError, ValidationError):
        return "" if patch.strip() else "empty_patch"


def attempts_markdown(report: JsonObject, choices: Sequence[Choice]) -> str:
    """`attempts.md`."""
    return "\n".join(_lines(report, choices)) + "\n"


def _lines(report: JsonObject, choices: Sequence[Choice]) -> Iterator[str]:
    yield f"# {report['attempts']} attempts at each of {len(choices)} instances"
    yield ""
    for k, value in as_object(report.get("pass_at")).items():
        rate = as_object(value)
        yield f"- pass@{k}: {100 * number(rate['rate']):.1f} % (estimate over {rate['instances']} graded instances)"
    chosen = as_object(report.get("chosen"))
    if chosen:
        low, high = 100 * number(chosen["low"]), 100 * number(chosen["high"])
        yield (
            f"- chosen patches: {chosen['resolved']} of {chosen['of']} resolved, "
            f"{100 * number(chosen['rate']):.1f} % (95 %: {low:.1f} to {high:.1f} %)"
        )
        if missing := chosen["not_graded"]:
            what = "1 chosen patch is" if missing == 1 else f"{missing} chosen patches are"
            yield f"- {what} not graded and counted in no rate."
    else:
        yield "- The chosen patches are not graded; `qwright evaluate` grades them."
    yield from ("", "| instance | chosen | why | verdict | attempts |", "| --- | --- | --- | --- | --- |")
    by_instance = as_object(report.get("by_instance"))
    for choice in choices:
        known = as_object(by_instance.get(choice.instance_id))
        attempts = ", ".join(f"{name} {outcome}" for name, outcome in as_object(known.get("attempts")).items())
        cells = (choice.instance_id, choice.attempt or "none", plain(choice.reason), str(known["verdict"]), attempts)
        yield f"| {' | '.join(cells)} |"
