"""The page that shows one block with nothing left out."""

from tui.conversation.diff_page import DiffPage
from tui.conversation.diff_text import diff_lines
from tui.conversation.page_view import PageView
from tui.conversation.pager import Pager
from tui.conversation.whole import whole
from tui.model.blocks import Block, ToolBlock
from tui.model.diff_rows import diff_rows


def page_of(block: Block, columns: bool | None) -> Pager:
    """Its text; a diff is laid out for the width, in two columns if `columns` says so (None: where there is room)."""
    title, text = whole(block)
    if isinstance(block, ToolBlock) and block.diff:
        rows = diff_rows(block.diff)
        return Pager(title, DiffPage(lambda width, chosen: diff_lines(rows, width, chosen), columns))
    return Pager(title, PageView(text))
