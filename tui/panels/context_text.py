"""/context as text. Pure."""

from rich.text import Text

from agent.context_use import MASKED, SUMMARY, ContextUse
from tui.panels.rows import bar, fitted, percent

_NARROW = 60


def context_text(use: ContextUse, columns: int) -> Text:
    """The whole and what is left, then a line with a bar for each kind."""
    text = Text()
    whole = use.context or use.total or 1
    if use.context:
        text.append(f"{use.total:,} of {use.context:,} tokens ({percent(use.total / use.context)})\n", "bold")
        text.append(f"{bar(use.total / use.context, columns)}\n", "cyan")
        text.append(_left(use), "dim")
    else:
        text.append(f"{use.total:,} tokens; the server does not say how many it takes\n", "bold")
    text.append("\n")
    marks = use.total - sum(part.tokens for part in use.parts)
    parts = [(part.kind, part.tokens, part.pieces) for part in use.parts]
    parts += [("marks of the chat format", marks, 0)] if marks > 0 else []
    cells = 0 if columns < _NARROW else min(columns - 60, 30)
    for kind, count, pieces in parts:
        told = f"{kind} ({pieces})" if pieces > 1 else kind
        text.append(f"{fitted(told, min(36, columns - 20))} {count:>9,} {percent(count / whole):>6}")
        text.append(f"  {bar(count / whole, cells)}\n" if cells > 0 else "\n", "cyan")
    if any(part.kind in (MASKED, SUMMARY) for part in use.parts):
        text.append("\nWhat was masked or summed up stands whole in the session's log.", "dim")
    return text


def _left(use: ContextUse) -> str:
    left = use.room_made_at - use.total
    if left <= 0:
        return "room is made before the next request\n"
    return f"{left:,} tokens left before room is made (at {use.room_made_at:,}); /compact makes it now\n"
