"""`report.html`: one file without scripts or anything from elsewhere; every word that is not ours is escaped."""

import json
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from urllib.parse import quote

from agent.json_types import JsonObject, as_object
from jobs.batch.reports.facts import OUTCOMES, Facts, Run
from jobs.batch.reports.markdown import not_graded_in_words, number, rate_in_words, thinking_in_words, tokens_in_words
from jobs.batch.reports.phases import PHASES, phases
from jobs.batch.reports.plots import histogram_svg, stack_svg
from jobs.batch.reports.style import STYLE
from jobs.batch.store import is_finished

_LINKS = '<br><a href="{link}/trajectory.md">trajectory</a> <a href="{link}/patch.diff">patch</a>'
Plot = tuple[str, str, Sequence[float]]


def page(report: JsonObject, run: Run, plots: Sequence[Plot]) -> str:
    """The whole report as HTML; `plots` are title, unit and a value for each instance."""
    return document(f"Batch of {run.total} instances", _body(report, run, plots))


def document(title: str, body: Iterable[str]) -> str:
    """A page of this title around parts that are HTML already."""
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body><h1>{escape(title)}</h1>\n"
        + "\n".join(body)
        + "\n</body></html>\n"
    )


def _body(report: JsonObject, run: Run, plots: Sequence[Plot]) -> Iterator[str]:
    if rate := rate_in_words(report):
        yield f'<p class="lead">{escape(rate)}</p>'
        if (without := rate_in_words(report, "without_infra")) != rate:
            yield f"<p>Without failures of the infrastructure: {escape(without)}.</p>"
        if words := not_graded_in_words(report):
            yield f"<p>{escape(words)}</p>"
    else:
        yield '<p class="lead">Not graded</p><p><code>qwright evaluate</code> grades the predictions.</p>'
    outcomes = {name: number(count) for name, count in as_object(report.get("outcomes")).items()}
    yield stack_svg(outcomes)
    yield "<table><tr><th>outcome</th><th>count</th><th>meaning</th></tr>"
    for name, meaning in OUTCOMES.items():
        yield f"<tr>{_keyed(name)}<td>{outcomes[name]:.0f}</td><td>{escape(meaning)}</td></tr>"
    yield f"</table><p>{_exits(report)}</p>"
    yield f"<h2>Tokens and thinking</h2><p>{escape(tokens_in_words(report))}.</p>"
    yield f"<p>{escape(thinking_in_words(report))}.</p>"
    yield "<h2>Time</h2>"
    seconds = {name: number(as_object(report.get("seconds"))[name]) for name in PHASES}
    yield stack_svg(seconds)
    yield "<table><tr><th>phase</th><th>seconds</th><th></th></tr>"
    for name, meaning in PHASES.items():
        yield f"<tr>{_keyed(name)}<td>{seconds[name]:,.1f}</td><td>{escape(meaning)}</td></tr>"
    yield "</table><h2>Over the instances</h2><div class=plots>"
    yield from (histogram_svg(*plot) for plot in plots)
    yield "</div><h2>Instances</h2>"
    yield from _instances(run.facts)
    if run.problems:
        yield "<h2>Rows left out</h2><ul>"
        yield from (f"<li>{escape(problem)}</li>" for problem in run.problems)
        yield "</ul>"
    yield "<h2>Configuration and versions</h2>"
    yield f"<pre>{escape(json.dumps(run.setup, indent=1, ensure_ascii=False))}</pre>"


def _exits(report: JsonObject) -> str:
    exits = ", ".join(f"{count} {name}" for name, count in as_object(report.get("exit_statuses")).items() if count)
    return escape(f"Ends of the runs: {exits or 'none'}. Faults survived: {report['faults_survived']}.")


def _keyed(name: str) -> str:
    return f'<td><span class="key part-{escape(name)}"></span>{escape(name)}</td>'


def _instances(facts: Sequence[Facts]) -> Iterator[str]:
    heads = ("instance", "outcome", "end", "steps", "thinking", "completion", "seconds", "time", "attempts")
    yield '<table class="instances"><tr>' + "".join(f"<th>{head}</th>" for head in heads) + "</tr>"
    for it in facts:
        status, figures = it.status, it.status.figures
        link = quote(status.instance_id)
        parts = {name: number(value) for name, value in phases([status]).items() if name != "all"}
        cells = (
            escape(status.instance_id) + (_LINKS.format(link=link) if is_finished(it.status) else ""),
            f'<span class="key part-{escape(it.outcome)}"></span>{escape(it.outcome)}',
            escape(status.exit_status),
            f"{status.steps}",
            f"{figures.thinking_steps}",
            f"{figures.completion_tokens:,}",
            f"{status.seconds:,.0f}",
            stack_svg(parts, tall=12),
            f"{status.attempts}",
        )
        yield "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"
        if it.why:
            yield f'<tr class="why"><td colspan="{len(cells)}">{escape(it.why)}</td></tr>'
    yield "</table>"
