"""The map on the screen."""

from rich.text import Text

from tui.conversation.page_view import PageView
from tui.conversation.pager import Pager
from tui.model.safe import plain
from tui.project.host import ProjectMap


class MapScreen(Pager):
    """A page with the keys of all pages."""

    def __init__(self, made: ProjectMap) -> None:
        size = f"{made.shown:,} of {made.files:,} files · {made.tokens:,} tokens"
        super().__init__(f"{size} · /map send gives it to the model", PageView(Text(plain(made.text))), id="map")
