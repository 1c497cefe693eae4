"""Diffs on a page: in one column or in two, as there is room, or as a person wants it."""

from collections.abc import Callable

from rich.text import Text

from tui.conversation.diff_text import in_columns
from tui.conversation.page_view import PageView


class DiffPage(PageView):
    """`draw` makes the lines for a width, with two columns if it is told so (None: where there is room)."""

    def __init__(self, draw: Callable[[int, bool | None], list[Text]], columns: bool | None = None) -> None:
        super().__init__()
        self._draw = draw
        self.columns = columns

    def rows(self, width: int) -> list[Text]:
        """The diff in lines of at most so many cells."""
        return self._draw(width, self.columns)

    def turn(self) -> None:
        """The other form from now on."""
        self.columns = not in_columns(self.scrollable_content_region.width, self.columns)
        self.lay_out()
