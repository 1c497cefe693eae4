"""Lines of a long text, cut to the width; those that are looked at are drawn."""

import re

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual import events
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.conversation.cutting import cut

_FOUND = Style(reverse=True)


class PageView(ScrollView, can_focus=True):
    """Long lines go on below; a word that is looked for is marked wherever it stands."""

    def __init__(self, text: Text | None = None) -> None:
        super().__init__()
        self._lines = (text or Text()).split("\n", allow_blank=True)
        self._rows: list[Text] = []
        self._pattern: re.Pattern[str] | None = None
        self._at = -1
        self.found = ""

    def rows(self, width: int) -> list[Text]:
        """The text in lines of at most so many cells."""
        return [row for line in self._lines for row in cut(line, width)]

    def on_resize(self, event: events.Resize) -> None:
        """Cut for the new width."""
        self.lay_out()

    def lay_out(self) -> None:
        """Draw the lines anew; about the same part of the text stays on the screen."""
        part = self.scroll_offset.y / max(len(self._rows), 1)
        width = max(self.scrollable_content_region.width, 2)
        self._rows = self.rows(width)
        self.virtual_size = Size(width, len(self._rows))
        if part:
            self.scroll_to(y=round(part * len(self._rows)), animate=False)
        self.refresh()

    def look_for(self, words: str) -> None:
        """Mark these words, whatever their case unless they have a capital."""
        flags = 0 if re.search(r"[A-Z]", words) else re.IGNORECASE
        self._pattern = re.compile(re.escape(words), flags) if words else None
        self._at = self.scroll_offset.y - 1
        self.refresh()

    def go_to_found(self, by: int) -> str:
        """Scroll to another place (1, -1) or the nearest (0); returns which of how many it is."""
        found = [y for y, row in enumerate(self._rows) if self._pattern and self._pattern.search(row.plain)]
        if not found:
            self.found = "not found" if self._pattern else ""
            return self.found
        after = [y for y in found if y > self._at]
        before = [y for y in found if y < self._at]
        self._at = (before or found)[-1] if by < 0 else (after or found)[0]
        self.scroll_to(y=max(self._at - 3, 0), animate=False)
        self.refresh()
        self.found = f"{found.index(self._at) + 1} of {len(found):,}"
        return self.found

    def render_line(self, y: int) -> Strip:
        """One row of the screen."""
        number = y + self.scroll_offset.y
        if number >= len(self._rows):
            return Strip.blank(self.size.width, self.rich_style)
        row = self._rows[number]
        if self._pattern is not None:
            row = row.copy()
            row.highlight_regex(self._pattern, _FOUND)
        console = self.app.console  # pyright: ignore[reportUnknownMemberType]  # App is generic in its result
        # Rich leaves the style of a text without spans to whoever renders it.
        drawn = Segment.apply_style(row.render(console), console.get_style(row.style))
        strip = Strip([part for part in drawn if part.text])
        return strip.crop_extend(0, self.size.width, self.rich_style).apply_style(self.rich_style)
