"""The comparison of thinking policies in words, and as one page of HTML."""

from collections.abc import Callable, Iterator
from html import escape

from jobs.batch.reports.comparison import ArmFigures, Comparison
from jobs.batch.reports.facts import Facts
from jobs.batch.reports.markdown import plain
from jobs.batch.reports.page import document

_WIDTH = 680


def _rate(arm: ArmFigures) -> str:
    if not arm.graded:
        return "not graded"
    share = arm.resolved / arm.instances if arm.instances else 0.0
    return (
        f"{arm.resolved}/{arm.instances} = {100 * share:.1f} % "
        f"({100 * arm.interval.low:.0f} to {100 * arm.interval.high:.0f})"
    )


def _each(value: float | None, digits: int = 0) -> str:
    return "none resolved" if value is None else f"{value:,.{digits}f}"


_COLUMNS: tuple[tuple[str, Callable[[ArmFigures], str]], ...] = (
    ("policy", lambda arm: arm.name),
    ("resolved (95 %)", _rate),
    ("steps, thinking", lambda arm: f"{arm.steps:,}, {arm.figures.thinking_steps:,}"),
    ("reasoning tokens", lambda arm: f"{arm.figures.reasoning_tokens:,}"),
    ("completion tokens", lambda arm: f"{arm.figures.completion_tokens:,}"),
    ("computed tokens", lambda arm: f"{arm.computed:,}"),
    ("seconds", lambda arm: f"{arm.seconds:,.0f}"),
    ("median", lambda arm: f"{arm.median_seconds:,.0f}"),
    ("computed tokens per resolved", lambda arm: _each(arm.for_each(arm.computed))),
    ("server seconds per resolved", lambda arm: _each(arm.for_each(arm.server_s), 1)),
)


def verdict(found: Comparison) -> Iterator[str]:
    """What the comparison proves, pair by pair."""
    for a, b, only_a, only_b, p in found.pairs:
        if not only_a and not only_b:
            yield f"{a} and {b}: no instance tells them apart."
            continue
        sure = "rare by chance" if p < 0.05 else "may well be chance"
        yield f"{a} and {b}: only {a} resolved {only_a}, only {b} {only_b}; McNemar's exact p = {p:.3g} ({sure})."


def comparison_markdown(found: Comparison) -> str:
    """Lines for `compare.md` and for a terminal."""
    lines = [f"# Thinking policies on {len(found.common)} instances", ""]
    lines += [f"| {' | '.join(name for name, _ in _COLUMNS)} |", f"|{' --- |' * len(_COLUMNS)}"]
    lines += [f"| {' | '.join(read(arm) for _, read in _COLUMNS)} |" for arm in found.arms]
    lines += ["", *verdict(found), "", *_explained()]
    if flips := found.flips():
        names = [arm.name for arm in found.arms]
        lines += ["", "## Where they differ", ""]
        lines += [f"| {' | '.join(['instance', *names])} |", f"|{' --- |' * (len(names) + 1)}"]
        for name in flips:
            cells = (plain(_ended(found.by_instance[name][arm])) for arm in names)
            lines.append(f"| {' | '.join([name, *cells])} |")
        lines.append("")
    lines += [f"- Left out: {name} ({plain(why)})" for name, why in found.left_out.items()]
    return "\n".join(lines) + "\n"


def _ended(it: Facts) -> str:
    """How an instance ended under a policy, in short."""
    why = f": {it.why}" if it.why else ""
    return f"{it.outcome} ({it.status.exit_status}, {it.status.steps} steps){why}"


def _explained() -> Iterator[str]:
    yield (
        "Computed tokens are prompt tokens that the cache did not have, and completion tokens. Seconds are wall time, "
        "summed over the instances; server seconds are those in which an answer was waited for or came. Costs per "
        "resolved instance are those of all instances."
    )


def comparison_page(found: Comparison) -> str:
    """`compare.html`."""
    return document(f"Thinking policies on {len(found.common)} instances", _body(found))


def _body(found: Comparison) -> Iterator[str]:
    yield "<table><tr>" + "".join(f"<th>{escape(name)}</th>" for name, _ in _COLUMNS) + "</tr>"
    for arm in found.arms:
        yield "<tr>" + "".join(f"<td>{escape(read(arm))}</td>" for _, read in _COLUMNS) + "</tr>"
    yield "</table>"
    if any(arm.graded for arm in found.arms):
        yield f"<h2>Resolve rates with their 95 % intervals</h2>{intervals_svg(found)}"
    yield from (f"<p>{escape(line)}</p>" for line in (*verdict(found), *_explained()))
    if flips := found.flips():
        yield "<h2>Where they differ</h2><table><tr><th>instance</th>"
        yield "".join(f"<th>{escape(arm.name)}</th>" for arm in found.arms) + "</tr>"
        for name in flips:
            cells = "".join(f"<td>{escape(_ended(found.by_instance[name][arm.name]))}</td>" for arm in found.arms)
            yield f"<tr><td>{escape(name)}</td>{cells}</tr>"
        yield "</table>"
    if found.left_out:
        yield "<h2>Left out</h2><ul>"
        yield from (f"<li>{escape(name)}: {escape(why)}</li>" for name, why in found.left_out.items())
        yield "</ul>"


def intervals_svg(found: Comparison) -> str:
    """A line from the low to the high end for each policy, with the rate on it."""
    left, room, tall = 90, _WIDTH - 130, 30
    drawn: list[str] = []
    for number, arm in enumerate(found.arms):
        y = 14 + number * tall
        low, high = (left + room * value for value in (arm.interval.low, arm.interval.high))
        at = left + room * (arm.resolved / arm.instances if arm.instances else 0.0)
        drawn.append(
            f'<text x="0" y="{y + 4}">{escape(arm.name)}</text>'
            f'<line class="reach" x1="{low:.1f}" x2="{high:.1f}" y1="{y}" y2="{y}"/>'
            f'<circle class="bar" cx="{at:.1f}" cy="{y}" r="5"><title>{escape(_rate(arm))}</title></circle>'
        )
    foot = 14 + len(found.arms) * tall
    axis = "".join(
        f'<text x="{left + room * share:.0f}" y="{foot + 10}" text-anchor="middle">{share:.0%}</text>'
        for share in (0, 0.25, 0.5, 0.75, 1)
    )
    line = f'<line class="axis" x1="{left}" x2="{left + room}" y1="{foot - 8}" y2="{foot - 8}"/>'
    return f'<svg viewBox="0 0 {_WIDTH} {foot + 16}" role="img">{line}{"".join(drawn)}{axis}</svg>'
