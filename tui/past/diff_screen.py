"""/diff: the files that changed, and what changed in them."""

from rich.text import Text

from tui.conversation.cutting import cut
from tui.conversation.diff_page import DiffPage
from tui.conversation.pager import Pager
from tui.model.safe import line
from tui.past.diff_lines import patch_lines
from tui.past.host import Diff


class DiffScreen(Pager):
    """A page with the keys of all pages: it is searched, and `d` turns between one column and two."""

    def __init__(self, title: str, diff: Diff) -> None:
        super().__init__(title, DiffPage(lambda width, columns: _lines(diff, width, columns)), id="diff")


def _lines(diff: Diff, width: int, columns: bool | None) -> list[Text]:
    files = [row for text in _files(diff) for row in cut(text, width)]
    return [*files, Text(), *patch_lines(diff.patch, width, columns)]


def _files(diff: Diff) -> list[Text]:
    lines: list[Text] = []
    for file in diff.files:
        text = Text(f"  {line(file.path)}  ").append(f"+{file.added} ", "green").append(f"−{file.removed}", "red")
        lines.append(text.append("  yours", "dim") if file.users else text)
    return lines
