"""Plots as inline SVG: drawn from numbers alone, coloured by the page's style. Pure."""

from collections.abc import Mapping, Sequence
from html import escape

from jobs.batch.statistics import histogram, spread

WIDTH, HEIGHT, FOOT, TOP = 340, 150, 22, 16


def short(value: float) -> str:
    """A number for an axis: 950, 1.2k, 3.4M."""
    for size, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:.3g}{unit}"
    return f"{value:.3g}"


def histogram_svg(title: str, unit: str, values: Sequence[float]) -> str:
    """How a figure is spread over the instances, with its median."""
    bins = histogram(values)
    found = spread(values)
    label = f"{title}: median {short(found.median)}, 90 % up to {short(found.p90)}, most {short(found.largest)} {unit}"
    if not bins:
        return f"<figure><figcaption>{escape(title)}: no data</figcaption></figure>"
    most = max(part.count for part in bins)
    step, room = WIDTH / len(bins), HEIGHT - FOOT - TOP
    bars: list[str] = []
    for at, part in enumerate(bins):
        tall = room * part.count / most
        told = f"{short(part.low)} to {short(part.high)} {unit}: {part.count}"
        bars.append(
            f'<rect class="bar" x="{at * step + 1:.1f}" y="{TOP + room - tall:.1f}" width="{max(step - 2, 1):.1f}" '
            f'height="{tall:.1f}"><title>{escape(told)}</title></rect>'
        )
    middle = found.median / bins[-1].high * WIDTH
    return (
        f'<figure><figcaption>{escape(label)}</figcaption><svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="{escape(label)}">{"".join(bars)}'
        f'<line class="axis" x1="0" x2="{WIDTH}" y1="{HEIGHT - FOOT}" y2="{HEIGHT - FOOT}"/>'
        f'<line class="median" x1="{middle:.1f}" x2="{middle:.1f}" y1="{TOP}" y2="{HEIGHT - FOOT}"/>'
        f'<text x="0" y="{HEIGHT - 6}">0</text>'
        f'<text x="{WIDTH}" y="{HEIGHT - 6}" text-anchor="end">{escape(short(bins[-1].high))} {escape(unit)}</text>'
        f'<text x="{WIDTH}" y="{TOP - 5}" text-anchor="end">{most} at most</text></svg></figure>'
    )


def stack_svg(parts: Mapping[str, float], tall: int = 18) -> str:
    """One bar that shows shares; parts have the classes `part-NAME`."""
    total = sum(parts.values())
    if total <= 0:
        return ""
    drawn: list[str] = []
    left = 0.0
    for name, value in parts.items():
        wide = WIDTH * 2 * value / total
        told = f"{name}: {value:,.1f} ({value / total:.1%})"
        drawn.append(
            f'<rect class="part-{escape(name)}" x="{left:.2f}" y="0" width="{wide:.2f}" height="{tall}">'
            f"<title>{escape(told)}</title></rect>"
        )
        left += wide
    return f'<svg class="stack" viewBox="0 0 {WIDTH * 2} {tall}" preserveAspectRatio="none">{"".join(drawn)}</svg>'
