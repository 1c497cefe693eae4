"""A block as lines of the screen: one function per kind, drawn from the block alone."""

from rich.style import Style
from rich.text import Text
from textual.strip import Strip

from tui.conversation.answer_lines import AnswerLines
from tui.conversation.look import Look, joined
from tui.conversation.tool_lines import tool_lines
from tui.conversation.words import thought_title
from tui.model.blocks import (
    AnswerBlock,
    Block,
    EndBlock,
    NoticeBlock,
    QuestionBlock,
    ThoughtBlock,
    ToolBlock,
    UserBlock,
)
from tui.model.safe import line, plain

# While it streams only the end is on the screen; the whole is a fold away.
_LIVE_CHARACTERS = 600
_BAR = "▌ "


def block_lines(block: Block, look: Look, answer: AnswerLines, *, folded: bool) -> list[Strip]:
    """The block and an empty line below it; nothing for what needs no words."""
    match block:
        case UserBlock():
            drawn = _user(block, look)
        case ThoughtBlock():
            drawn = _thought(block, look, folded=folded)
        case AnswerBlock():
            drawn = answer.of(block, look)
        case ToolBlock():
            drawn = tool_lines(block, look, folded=folded)
        case NoticeBlock(text, kind, times):
            again = f"  ×{times}" if times > 1 else ""
            drawn = look.text(f"{'!' if kind == 'fault' else 'i'} {plain(text)}{again}", kind)
        case QuestionBlock(_, question, options):
            numbered = [f"  {number}. {line(option)}" for number, option in enumerate(options, 1)]
            drawn = look.text("\n".join([f"? {plain(question)}", *numbered]), "question")
        case EndBlock("done"):
            drawn = []
        case EndBlock(status, summary):
            drawn = look.text(f"{status}: {plain(summary)}" if summary else status, _END.get(status, "fault"))
    return [*drawn, Strip.blank(0)] if drawn else []


_END = {"failed": "failed", "limit": "failed", "cancelled": "fault"}


def _user(block: UserBlock, look: Look) -> list[Strip]:
    asked = look.lines(Text(plain(block.text), Style(bold=True)), _BAR, "user")
    return joined(asked, *(look.text(f"picture {line(told)}", "user", _BAR) for told in block.pictures))


def _thought(block: ThoughtBlock, look: Look, *, folded: bool) -> list[Strip]:
    hidden = folded and block.done
    title = look.text(f"{'▸' if hidden else '▾'} {line(thought_title(block))}", "muted")
    if hidden:
        return title
    text = block.text[-_LIVE_CHARACTERS:].lstrip() if folded else block.text
    return joined(title, look.lines(Text(plain(text.strip()), look.style("muted") + Style(italic=True)), "  "))
