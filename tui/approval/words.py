"""What a card shows of a call: its title, the whole of what would run or change, and what is offered as "always"."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from rich.cells import cell_len
from rich.text import Text

from agent.events import ApprovalAsked
from tui.conversation.diff_text import diff_lines
from tui.model.diff_rows import counts, diff_rows
from tui.model.safe import revealed

if TYPE_CHECKING:
    from agent.permissions.suggest import Suggestion

PLAN = "present_plan"


def title(asked: ApprovalAsked) -> str:
    """One line: what the model wants."""
    arguments = _arguments(asked)
    if asked.tool == PLAN:
        return "The model presents its plan. Carry it out?"
    if asked.tool == "bash":
        return "Run this command" + (" in the background?" if arguments.get("background") else "?")
    if asked.diff or "path" in arguments:
        counted = f"  {counts(diff_rows(asked.diff))}" if asked.diff else ""
        return f"Change {revealed(str(arguments.get('path', '')))}?{counted}"
    return f"Run {revealed(asked.tool)}?"


def body(asked: ApprovalAsked, width: int, columns: bool | None = None) -> Text:
    """All of it in lines of so many cells, nothing left out, with control characters made visible."""
    arguments = _arguments(asked)
    if asked.tool == PLAN:
        return Text(revealed(str(arguments.get("plan", ""))))
    if asked.diff:
        return Text("\n").join(diff_lines(diff_rows(asked.diff), width, columns, exact=True))
    if asked.tool == "bash":
        text = Text(revealed(str(arguments.get("command", ""))), "bold")
        if len(asked.parts) > 1:
            text.append("\n\nIts parts:", "dim not bold")
            for part in asked.parts:
                text.append(f"\n  • {revealed(part)}", "not bold")
        if (timeout := arguments.get("timeout")) and not arguments.get("background"):
            text.append(f"\n\nTime limit asked for: {revealed(str(timeout))} s", "dim not bold")
        return text
    return Text(revealed(asked.arguments))


def keys_text(keys: Sequence[tuple[str, str]], width: int) -> Text:
    """Keys with what they do, in lines of so many cells; a line ends between two of them only."""
    text, used = Text(), 0
    for key, meaning in keys:
        cells = cell_len(key) + cell_len(meaning) + 3
        if used and used + 3 + cells > width:
            text.append("\n")
            used = 0
        elif used:
            text.append("   ")
            used += 3
        text.append(f" {key} ", "reverse").append(f" {meaning}", "not bold")
        used += cells
    return text


def rule_lines(offered: "Suggestion") -> tuple[str, ...]:
    """What can be chosen for one part: the exact rule, the pattern, or none ("")."""
    return (*dict.fromkeys(line for line in (offered.exact, offered.pattern) if line), "")


def _arguments(asked: ApprovalAsked) -> dict[str, object]:
    try:
        value: object = json.loads(asked.arguments or "{}")
    except ValueError:
        return {}
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}
