"""`report.md`: the report as a table that a terminal, a pull request and a chat can show."""

import re
from collections.abc import Iterator

from agent.json_types import JsonObject, as_object
from jobs.batch.reports.facts import OUTCOMES, Run
from jobs.batch.reports.phases import PHASES

# The last step is the only thing not ours in the report: words of servers and engines in `why`.
_UNSAFE = re.compile(r"([\\`*_\[\]<>|#~])")


def plain(text: str) -> str:
    """Text as one cell of a table in which nothing is markup."""
    return _UNSAFE.sub(r"\\\1", " ".join(text.split()))


def rate_in_words(report: JsonObject, key: str = "all") -> str:
    """Such as "3 of 6 resolved: 50.0 % (95 %: 18.8 to 81.2 %)"; "" when nothing was graded."""
    rate = as_object(as_object(report.get("resolve_rate")).get(key))
    if not rate:
        return ""
    share, low, high = (100 * number(rate.get(name)) for name in ("rate", "low", "high"))
    return f"{rate['resolved']} of {rate['of']} resolved: {share:.1f} % (95 %: {low:.1f} to {high:.1f} %)"


def not_graded_in_words(report: JsonObject) -> str:
    """Such as "4 of 10 instances are not graded and count in no rate."; "" when all are, or none."""
    rate = as_object(report.get("resolve_rate"))
    if not rate.get("not_graded"):
        return ""
    return f"{rate['not_graded']} of {rate['instances']} instances are not graded and count in no rate."


def number(value: object) -> float:
    """The value as a number, 0 when it is none."""
    return float(value) if isinstance(value, int | float) else 0.0


def tokens_in_words(report: JsonObject) -> str:
    """The tokens of a run on one line."""
    tokens = {name: number(value) for name, value in as_object(report.get("tokens")).items()}
    share = tokens["cached"] / tokens["prompt"] if tokens.get("prompt") else 0.0
    return (
        f"{tokens['prompt']:,.0f} prompt ({tokens['cached']:,.0f} from the cache, {share:.1%}), "
        f"{tokens['completion']:,.0f} completion, of these {tokens['reasoning']:,.0f} reasoning"
    )


def thinking_in_words(report: JsonObject) -> str:
    """What thinking cost and what its absence saved."""
    thinking = as_object(report.get("thinking"))
    saving = as_object(thinking.get("estimated_saving"))
    cost = f"{number(thinking['reasoning_tokens']):,.0f} reasoning tokens, {number(thinking['seconds']):,.0f} s"
    words = f"{thinking['steps_with']} steps with thinking ({cost}), {thinking['steps_without']} without"
    if saving and thinking["steps_without"]:
        words += f"; these saved about {number(saving['reasoning_tokens']):,.0f} tokens (estimate)"
    return words


def markdown(report: JsonObject, run: Run) -> str:
    """The whole report."""
    return "\n".join(_lines(report, run)) + "\n"


def _lines(report: JsonObject, run: Run) -> Iterator[str]:
    yield f"# Batch of {run.total} instances"
    yield ""
    if words := rate_in_words(report):
        without = rate_in_words(report, "without_infra")
        yield f"**{words}**" + ("." if without == words else f"; without failures of the infrastructure {without}.")
        if words := not_graded_in_words(report):
            yield f"\n{words}"
    else:
        yield "Not graded; `qwright evaluate` grades the predictions."
    yield from ("", "| outcome | count | meaning |", "| --- | ---: | --- |")
    outcomes = as_object(report.get("outcomes"))
    yield from (f"| {name} | {outcomes[name]} | {OUTCOMES[name]} |" for name in OUTCOMES)
    if report["not_begun"]:
        yield f"| not begun | {report['not_begun']} | |"
    exits = as_object(report.get("exit_statuses"))
    yield ""
    yield "Ends of the runs: " + ", ".join(f"{count} {name}" for name, count in exits.items() if count) + "."
    yield f"Tokens: {tokens_in_words(report)}."
    yield f"Thinking: {thinking_in_words(report)}."
    yield f"Faults of model and server that were survived: {report['faults_survived']}."
    yield from ("", "| seconds, summed | | |", "| --- | ---: | --- |")
    seconds = as_object(report.get("seconds"))
    yield from (f"| {name} | {number(seconds[name]):,.1f} | {PHASES[name]} |" for name in PHASES)
    yield f"| all | {number(seconds['all']):,.1f} | |"
    yield from _spreads(report)
    yield from _instances(run)
    for problem in run.problems:
        yield f"- Left out: {plain(problem)}"
    yield from ("", "Configuration, versions, images and seeds are in `run.json`, and in `report.json` under `setup`.")
    if repeat := run.setup.get("repeat"):
        yield from ("To repeat it:", "", f"    {repeat}")


def _spreads(report: JsonObject) -> Iterator[str]:
    yield from ("", "| each instance | mean | median | 90 % | most |", "| --- | ---: | ---: | ---: | ---: |")
    for name, value in as_object(report.get("per_instance")).items():
        figures = [f"{number(as_object(value)[key]):,.1f}" for key in ("mean", "median", "p90", "largest")]
        yield f"| {name} | {' | '.join(figures)} |"


def _instances(run: Run) -> Iterator[str]:
    yield ""
    yield "| instance | outcome | end | steps | completion tokens | patch bytes | seconds | attempts | why |"
    yield "| --- | --- | --- | ---: | ---: | ---: | ---: | ---: | --- |"
    for it in run.facts:
        status = it.status
        cells = (
            f"[{status.instance_id}]({status.instance_id}/trajectory.md)",
            it.outcome,
            status.exit_status,
            f"{status.steps}",
            f"{status.figures.completion_tokens:,}",
            f"{status.patch_bytes:,}",
            f"{status.seconds:,.0f}",
            f"{status.attempts}",
            plain(it.why),
        )
        yield f"| {' | '.join(cells)} |"
    yield ""
