"""Parts of a step as text for the screen. Pure."""

from collections.abc import Iterator, Sequence

from rich.text import Text

from tui.inspect.host import Part, StepView
from tui.model.safe import plain

_STYLES = {
    "mode": "dim",
    "note": "yellow",
    "reasoning": "dim italic",
    "text": "",
    "call": "bold cyan",
    "result": "",
    "failed": "red",
}
# Beyond this a widget draws slowly; the readable trajectory has the whole.
MOST_LINES = 2000


def step_text(step: StepView, *, reasoning: bool) -> Text:
    """Everything that happened in a step; reasoning only where it is wanted."""
    return Text("\n").join(_lines(step.parts, reasoning=reasoning))


def _lines(parts: Sequence[Part], *, reasoning: bool) -> Iterator[Text]:
    for part in parts:
        if part.kind == "reasoning" and not reasoning:
            yield Text(f"reasoning, {len(part.text):,} characters (r shows it)", "dim")
            yield Text("")
            continue
        yield from clipped(part.text, _STYLES[part.kind])
        yield Text("")


def clipped(text: str, style: str = "") -> Iterator[Text]:
    """Lines fit for a terminal; what is left out says so."""
    lines = plain(text).expandtabs(4).splitlines()
    yield from (Text(line, style) for line in lines[:MOST_LINES])
    if len(lines) > MOST_LINES:
        yield Text(f"[… {len(lines) - MOST_LINES:,} lines more; the whole is in the instance's folder]", "dim")
