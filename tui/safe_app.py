"""The last gate before the terminal: every line that any widget draws passes here, whatever it holds."""

from collections.abc import Sequence

from rich.segment import Segment
from textual.app import App, ReturnType
from textual.color import Color
from textual.filter import LineFilter, Monochrome, NoColor

from tui.model.safe import unhidden_cells
from tui.themes.contrast import Readable


class SafeLines(LineFilter):
    """Takes out what a terminal would act on or hide; widths stay as they were laid out."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The segments with safe texts."""
        if all(unhidden_cells(segment.text) is segment.text for segment in segments):
            return segments
        return [Segment(unhidden_cells(text), style, control) for text, style, control in segments]


_SAFE_LINES = SafeLines()
_READABLE = Readable()
_NO_COLOUR = NoColor()


class SafeApp(App[ReturnType]):
    """An app whose screen shows text, readably, and never obeys it. All apps of this package are of this class."""

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Textual's own, and behind them ours. NO_COLOR means no colours, not grey ones."""
        own = [_NO_COLOUR if isinstance(one, Monochrome) else one for one in super().get_line_filters()]
        return [*own, _READABLE, _SAFE_LINES]
