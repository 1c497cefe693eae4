"""A block as one text with nothing left out, for the pager and the clipboard."""

from rich.text import Text

from tui.conversation.diff_text import diff_text
from tui.conversation.words import arguments, name, subject, thought_title
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
from tui.model.diff_rows import diff_rows
from tui.model.safe import coloured, line, plain, revealed


def whole(block: Block) -> tuple[str, Text]:
    """A title of one line, and the text."""
    match block:
        case UserBlock(text, pictures):
            return "request", Text(plain("\n".join([text, *(f"picture {told}" for told in pictures)])))
        case ThoughtBlock():
            return line(thought_title(block)), Text(plain(block.text.strip()))
        case AnswerBlock(text):
            return "answer", Text(plain(text.strip()))
        case ToolBlock():
            return line(f"{name(block)} {subject(block)}"), _tool(block)
        case NoticeBlock(text):
            return "notice", Text(plain(text))
        case QuestionBlock(_, question, options):
            return "question", Text(plain("\n".join([question, *options])))
        case EndBlock(status, summary):
            return status, Text(plain(summary))


def _tool(block: ToolBlock) -> Text:
    parts: list[Text] = []
    if block.tool in ("bash", "!"):
        parts.append(Text(f"$ {revealed(str(arguments(block).get('command', '')))}", "bold"))
    if block.diff:
        parts.append(diff_text(diff_rows(block.diff)))
    elif block.tool == "present_plan":
        parts.append(Text(plain(str(arguments(block).get("plan", "")))))
    if block.output and not block.diff:
        parts.append(Text.from_ansi(coloured(block.output.rstrip("\n"))))
    return Text("\n").join(parts)
