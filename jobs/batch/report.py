"""`report.json` and `report.md`: what came out, what it cost, and with what it can be repeated."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from agent.json_types import JsonObject, JsonValue
from jobs.batch.figures import Figures
from jobs.batch.store import Status, replace_file

EXITS = ("submitted", "limit", "failed", "infra", "running")
_WORDS = {
    "submitted": "the agent said that it is done",
    "limit": "a limit ended the run; the working tree was taken as it was",
    "failed": "the run failed; the working tree was taken as it was",
    "infra": "endpoint, sandbox or machine failed; no prediction, runs again on the next call",
    "running": "interrupted; goes on with the next call",
}


def report_of(
    statuses: Sequence[Status], total: int, setup: Mapping[str, JsonValue], problems: Sequence[str]
) -> JsonObject:
    """The report. `setup` is configuration and versions, `problems` the rows that were left out."""
    counts = Counter(status.exit_status for status in statuses)
    sums = sum((status.figures for status in statuses), Figures())
    seconds = round(sum(status.seconds for status in statuses), 3)
    phases = {"model": sums.model_s, "tools": sums.tools_s}
    return {
        "instances": total,
        "not_begun": total - len(statuses),
        "exit_statuses": {name: counts[name] for name in EXITS},
        "empty_patches": sum(it.exit_status not in ("infra", "running") and not it.patch_bytes for it in statuses),
        "attempts": sum(status.attempts for status in statuses),
        "steps": sum(status.steps for status in statuses),
        "tokens": {name: getattr(sums, f"{name}_tokens") for name in ("prompt", "cached", "completion", "reasoning")},
        "thinking": {"steps_with": sums.thinking_steps, "steps_without": sums.direct_steps},
        "seconds": {"all": seconds, **phases, "rest": round(max(seconds - sums.model_s - sums.tools_s, 0.0), 3)},
        "setup": dict(setup),
        "rows_left_out": list(problems),
        "by_instance": {status.instance_id: status.model_dump(mode="json") for status in statuses},
    }


def write_report(out: Path, report: JsonObject, statuses: Sequence[Status]) -> None:
    """Write both forms."""
    replace_file(out / "report.json", json.dumps(report, indent=1).encode() + b"\n")
    replace_file(out / "report.md", _markdown(report, statuses).encode())


def _markdown(report: JsonObject, statuses: Sequence[Status]) -> str:
    counts = Counter(status.exit_status for status in statuses)
    sums = sum((status.figures for status in statuses), Figures())
    lines = [
        f"# Batch of {report['instances']} instances",
        "",
        "| exit status | count | meaning |",
        "| --- | ---: | --- |",
    ]
    lines += [f"| {name} | {counts[name]} | {_WORDS[name]} |" for name in EXITS]
    lines += [
        "",
        f"{report['empty_patches']} of the finished have no patch.",
        f"Tokens: {sums.prompt_tokens:,} prompt ({sums.cached_tokens:,} cached), "
        f"{sums.completion_tokens:,} completion, of these {sums.reasoning_tokens:,} reasoning.",
        f"Steps: {sums.thinking_steps} with thinking, {sums.direct_steps} without.",
        f"Seconds, summed over instances: {sums.model_s:.0f} model, {sums.tools_s:.0f} tools, "
        f"{sum(status.seconds for status in statuses):.0f} in all.",
        "",
        "| instance | exit status | steps | patch bytes | seconds | attempts |",
        "| --- | --- | ---: | ---: | ---: | ---: |",
    ]
    lines += [
        f"| {it.instance_id} | {it.exit_status} | {it.steps} | {it.patch_bytes} | {it.seconds:.0f} | {it.attempts} |"
        for it in statuses
    ]
    lines += ["", "Configuration and versions are in `report.json` under `setup`.", ""]
    return "\n".join(lines)
