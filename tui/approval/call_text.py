"""What would run or change, whole, laid out for the width."""

from textual import events
from textual.widgets import Static

from agent.events import ApprovalAsked
from tui.approval.words import body
from tui.conversation.diff_text import in_columns


class CallText(Static):
    """Drawn anew when the width changes. A diff stands in two columns where there is room, or as it was turned."""

    def __init__(self, asked: ApprovalAsked) -> None:
        super().__init__("", markup=False)
        self._asked = asked
        self._columns: bool | None = None

    def on_resize(self, event: events.Resize) -> None:
        """Lines for this width."""
        self._draw()

    def turn(self) -> None:
        """One column in place of two, or two in place of one."""
        self._columns = not in_columns(self.content_size.width, self._columns)
        self._draw()

    def _draw(self) -> None:
        self.update(body(self._asked, self.content_size.width, self._columns))
