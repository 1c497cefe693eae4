"""How blocks are drawn: width, styles by name, and the one way from text to lines of the screen."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from rich.console import Console, RenderableType
from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from rich.theme import Theme
from textual.strip import Strip

# Component classes of the conversation; `app.tcss` gives them their colours.
STYLES = ("user", "muted", "running", "ok", "failed", "notice", "fault", "question", "active")
_MARKDOWN = Theme(
    {
        "markdown.h1": "bold underline",
        "markdown.h2": "bold underline",
        "markdown.h3": "bold",
        "markdown.code": "bold cyan",
        "markdown.item.number": "bold",
        "markdown.item.bullet": "bold",
        "markdown.link": "underline",
        "markdown.link_url": "underline",
        "markdown.table.border": "dim",
        "markdown.table.header": "bold",
        "markdown.hr": "dim",
    }
)


def _console() -> Console:
    return Console(
        file=io.StringIO(), force_terminal=True, color_system="truecolor", legacy_windows=False, theme=_MARKDOWN
    )


@dataclass(frozen=True, slots=True)
class Look:
    """`now` is the clock's seconds, `in_columns` a person's choice for diffs (None: where there is room)."""

    width: int
    styles: Mapping[str, Style] = field(default_factory=dict[str, Style])
    now: float = 0.0
    dark: bool = True
    in_columns: bool | None = None
    console: Console = field(default_factory=_console)

    def at(self, now: float) -> "Look":
        """The same at another time."""
        return replace(self, now=now)

    def style(self, name: str) -> Style:
        """One of `STYLES`."""
        return self.styles.get(name, Style.null())

    def lines(self, drawn: RenderableType, prefix: str = "", style: str = "") -> list[Strip]:
        """Something of Rich as lines, each behind a prefix in a style of ours; what is too long goes on below."""
        room = max(self.width - len(prefix), 1)
        options = self.console.options.update(width=room, max_width=room, height=None)
        before = [Segment(prefix, self.style(style))] if prefix else []
        rows = self.console.render_lines(drawn, options, pad=False)
        return [Strip([*before, *(part for part in row if part.text)]) for row in rows]

    def text(self, text: str, style: str = "", prefix: str = "") -> list[Strip]:
        """Plain text in a style of ours."""
        return self.lines(Text(text, self.style(style)), prefix, style)


def joined(*parts: Sequence[Strip]) -> list[Strip]:
    """Lines below each other."""
    return [strip for part in parts for strip in part]
