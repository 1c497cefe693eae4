"""A widget that shows a sheet: it draws the lines that are looked at, and writes those that are not as they were."""

from collections.abc import Callable
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip

from tui.conversation.look import STYLES, Look
from tui.conversation.sheet import Sheet

_MARKED = Style(reverse=True)
_MOST_MADE = 1_000
_NO_LINE = Strip.blank(0)


class LinesView(ScrollView):
    """Keeps the eye's place: the end, or where it was scrolled to, the first line that is seen.

    `cursor` is the entry that keys are meant for, -1 for none.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"conversation--{name}" for name in STYLES}

    def __init__(self, clock: Callable[[], float], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.sheet = Sheet()
        self.cursor = -1
        self.in_columns: bool | None = None
        self._clock = clock
        self._look: Look | None = None
        self._following = True
        self._ours = False
        self._shown: list[Strip] = []
        self._scrollbar_place = (0, 0)
        self._made: dict[int, tuple[Strip, Strip]] = {}

    @property
    def room(self) -> int:
        """Cells in a line."""
        return self.scrollable_content_region.width

    @property
    def text(self) -> str:
        """Everything as it is drawn, without colours; draws it all."""
        for place in range(len(self.sheet.entries)):
            self.sheet.draw(place, self.look)
        lines = (strip.text.rstrip() for entry in self.sheet.entries for strip in entry.lines or [])
        return "\n".join(lines)

    @property
    def look(self) -> Look:
        """How to draw now."""
        if self._look is None:
            styles, dark = self._colours()
            self._look = Look(self.room, styles, dark=dark, in_columns=self.in_columns)
        return self._look.at(self._clock())

    def draw_anew(self) -> None:
        """Width, colours or the form of diffs are others."""
        self._look = None
        self._made.clear()
        first = self.sheet.at(self.scroll_offset.y)
        self.sheet.forget(self.room)
        if not self._following and first >= 0:
            self._scroll(self.sheet.top(first))
        self.settle()
        self.refresh()

    def settle(self) -> None:
        """Draw what is looked at, and keep the eye's place."""
        height = self.scrollable_content_region.height
        if not self.room or not height:
            return
        if self._following:
            self._draw(range(len(self.sheet.entries) - 1, -1, -1), height)
            target = max(self.sheet.height - height, 0)
        else:
            first = max(self.sheet.at(self.scroll_offset.y), 0)
            offset = self.scroll_offset.y - self.sheet.top(first)
            if self.sheet.entries and self.sheet.entries[first].lines is None:
                # Its end stays where it is: whoever scrolls up comes from there.
                offset = max(offset + self.sheet.draw(first, self.look), 0)
            self._draw(range(first, len(self.sheet.entries)), height + offset)
            target = self.sheet.top(first) + offset
        size = Size(self.room, self.sheet.height)
        if size != self.virtual_size:
            # The reactive would have the whole screen laid out again, and here only the scrollbar depends on it.
            self.set_reactive(ScrollView.virtual_size, size)  # pyright: ignore[reportArgumentType]  # a descriptor
        self._scroll(target)
        self._move_scrollbar()
        self._write_changed()

    def follow(self) -> None:
        """Go to the end and stay there."""
        self._following = True
        self.settle()

    def show_entry(self, place: int) -> None:
        """Scroll as little as needed to see an entry, its beginning above all."""
        height = self.scrollable_content_region.height
        self.sheet.draw(place, self.look)
        top, tall = self.sheet.top(place), self.sheet.entries[place].height
        y = self.scroll_offset.y
        if top < y or tall > height:
            y = top
        elif top + tall > y + height:
            y = top + tall - height
        self._following = False
        self._scroll(y)
        self.settle()
        self._following = self.scroll_offset.y >= self.max_scroll_y

    def entry_at(self, y: int) -> int:
        """The entry at a row of the screen, -1 below the last one."""
        line = y + self.scroll_offset.y
        return self.sheet.at(line) if line < self.sheet.height else -1

    def render_lines(self, crop: Region) -> list[Strip]:
        """Rows of the screen. Without border and children nothing of Textual's work per row is needed, only filters."""
        first = self.scroll_offset.y
        rows = [self._finished(first + y) for y in crop.line_range]
        left, right = crop.column_span
        if (left, right) == (0, self.outer_size.width):
            return rows
        return [row.crop(left, right) for row in rows]

    def render_line(self, y: int) -> Strip:
        """One row with the places of its letters, by which Textual finds what the mouse marks."""
        line = y + self.scroll_offset.y
        return self._finished(line).crop(self.styles.padding.left).apply_offsets(0, line)

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """What was marked with the mouse."""
        return selection.extract("\n".join(self._strip(y).text.rstrip() for y in range(self.sheet.height))), "\n"

    def selection_updated(self, selection: Selection | None) -> None:
        """Draw the mark."""
        self._made.clear()
        self.refresh()

    def notify_style_update(self) -> None:
        """Another theme, perhaps: this comes before the component classes have their new colours."""
        super().notify_style_update()
        if self.is_mounted:
            self.call_later(self._restyle)

    def on_resize(self, event: events.Resize) -> None:
        """Lay out for the new size."""
        if self._look is None or self._look.width != self.room:
            self.draw_anew()
        else:
            self.settle()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Whoever scrolls up reads; whoever comes to the end follows again."""
        if self._ours:
            return
        super().watch_scroll_y(old_value, new_value)
        if round(old_value) != round(new_value):
            self._following = round(new_value) >= self.max_scroll_y
            self.settle()

    def _scroll(self, y: int) -> None:
        if round(self.scroll_y) != y:
            self._ours = True
            self.scroll_to(y=y, animate=False, force=True)
            self._ours = False

    def _move_scrollbar(self) -> None:
        """Drawing it costs more than the line that came: only when it looks different, to an eighth of a cell."""
        rows, height, y = self.scrollable_content_region.height, max(self.sheet.height, 1), self.scroll_offset.y
        place = (8 * rows * rows // height, 8 * rows * y // height)
        if place != self._scrollbar_place:
            self._scrollbar_place = place
            self._scroll_update(self.virtual_size)
            self.vertical_scrollbar.position = y

    def _strip(self, line: int) -> Strip:
        place, strip = self.sheet.line(line)
        if strip is None:
            return _NO_LINE
        if place == self.cursor and line == self.sheet.top(place):
            return strip.apply_style(_MARKED)
        return strip

    def _finished(self, line: int) -> Strip:
        """A line as wide as the widget, in its colours, through the filters; made once while it stays the same."""
        source = self._strip(line)
        known = self._made.get(line)
        if known is not None and known[0] is source:
            return known[1]
        pad = [Segment(" " * self.styles.padding.left)]
        strip = Strip([*pad, *self._selected(source, line)]).adjust_cell_length(self.outer_size.width)
        strip = strip.apply_style(self.rich_style)
        background = self.background_colors[1]
        for chosen in self.get_line_filters():
            strip = strip.apply_filter(chosen, background)
        if len(self._made) > _MOST_MADE:
            self._made.clear()
        self._made[line] = (source, strip)
        return strip

    def _selected(self, strip: Strip, line: int) -> Strip:
        """With what the mouse has marked."""
        span = selection.get_span(line) if (selection := self.text_selection) else None
        if span is None:
            return strip
        start, end = span[0], strip.cell_length if span[1] == -1 else span[1]
        marked = strip.crop(start, end).apply_style(self.screen.get_component_rich_style("screen--selection"))
        return Strip.join([strip.crop(0, start), marked, strip.crop(end)])

    def _draw(self, places: range, lines: int) -> None:
        """Entries in this order until so many lines are drawn."""
        look = self.look
        for place in places:
            self.sheet.draw(place, look)
            lines -= self.sheet.entries[place].height
            if lines <= 0:
                return

    def _write_changed(self) -> None:
        """Have rows written that differ from what stands there."""
        first = self.scroll_offset.y
        rows = [self._strip(first + y) for y in range(self.scrollable_content_region.height)]
        before, self._shown = self._shown, rows
        if len(before) != len(rows):
            self.refresh()
            return
        changed = [y for y, row in enumerate(rows) if row is not before[y] and row != before[y]]
        if changed:
            self.refresh(*(Region(0, y, self.size.width, 1) for y in changed))

    def _restyle(self) -> None:
        look = self._look
        if look is not None and (look.styles, look.dark) == self._colours():
            self._made.clear()
            self.refresh()
        else:
            self.draw_anew()

    def _colours(self) -> tuple[dict[str, Style], bool]:
        dark = self.app.current_theme.dark  # pyright: ignore[reportUnknownMemberType]  # App is generic in its result
        return {name: self._foreground(f"conversation--{name}") for name in STYLES}, dark

    def _foreground(self, name: str) -> Style:
        style = self.get_component_rich_style(name)
        return Style(color=style.color, bold=style.bold, italic=style.italic, dim=style.dim)
