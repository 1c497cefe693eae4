"""The one line in which a call or a thought is told."""

import json
import re
from typing import TYPE_CHECKING, cast

from rich.cells import cell_len, set_cell_size

from tui.model.safe import revealed

if TYPE_CHECKING:
    from tui.model.blocks import ThoughtBlock, ToolBlock

_MARKS = {"writing": "○", "waiting": "○", "running": "●", "ok": "✓", "failed": "✗"}
_TURNING = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
TURNS_PER_S = 4
_WIDEST = 200
_EDITOR = {
    "view": "read",
    "create": "create",
    "str_replace": "edit",
    "insert": "insert into",
    "undo_edit": "undo edit of",
}
_ENDING = re.compile(r"\(([^()]*), [\d.]+ s\)\Z")


def mark(block: "ToolBlock", now: float = 0.0) -> str:
    """One character for the state of a call; it turns while the call runs."""
    return _TURNING[int(now * TURNS_PER_S) % len(_TURNING)] if block.state == "running" else _MARKS[block.state]


def name(block: "ToolBlock") -> str:
    """What is done, in a word or two."""
    if block.tool == "str_replace_editor":
        return _EDITOR.get(str(arguments(block).get("command")), "edit")
    return {"task_list": "tasks", "present_plan": "plan", "ask_user": "asked"}.get(block.tool, block.tool)


def subject(block: "ToolBlock") -> str:
    """What a call is about: the command, the path, the pattern; "" while it is being written."""
    given = arguments(block)
    match block.tool:
        case "bash":
            return _one_line(given.get("command"))
        case "str_replace_editor" if given.get("command") == "view" and block.state == "ok":
            return _one_line(block.summary or given.get("path"))
        case "str_replace_editor":
            return _one_line(given.get("path"))
        case "search" if block.state == "ok" and block.summary:
            return _one_line(block.summary.removeprefix("search "))
        case "task_list" | "present_plan":
            return _one_line(block.summary)
        case "submit":
            return _one_line(block.summary if block.state == "failed" else "")
        case _:
            return _one_line(next(iter(given.values()), ""))


def ending(block: "ToolBlock") -> str:
    """How a command ended, where that is not plainly well: `exit 1`, `timed out after 60 s`."""
    if block.tool == "!":
        return block.summary if block.state == "failed" else ""
    match = _ENDING.search(block.summary) if block.tool == "bash" and block.state == "failed" else None
    return match[1] if match else ""


def cut_middle(text: str, cells: int) -> str:
    """The text in at most so many cells (at least 1), with … for what is left out of its middle."""
    if cell_len(text) <= cells:
        return text
    head = (cells - 1) // 2
    tail = text[-(cells - 1 - head) :] if cells - 1 > head else ""
    while cell_len(tail) > cells - 1 - head:
        tail = tail[1:]
    return f"{set_cell_size(text, head)}…{tail}"


def seconds(value: float) -> str:
    """A duration as people say it: 0.4 s, 12 s, 3 min 5 s."""
    if value < 10:
        return f"{value:.1f} s"
    if value < 120:
        return f"{value:.0f} s"
    return f"{int(value) // 60} min {int(value) % 60} s"


def thought_title(block: "ThoughtBlock") -> str:
    """`thinking: a test failed`, and when it is done `thought 6 s · 412 tokens · a test failed`."""
    if not block.done:
        return f"thinking: {block.reason}"
    told = [f"thought {seconds(block.seconds)}" if block.seconds else "thought"]
    if block.tokens:
        told.append(f"{block.tokens:,} tokens")
    return " · ".join([*told, block.reason] if block.reason else told)


def arguments(block: "ToolBlock") -> dict[str, object]:
    """What the call was given; nothing while it is written, or where it is no object."""
    try:
        value: object = json.loads(block.arguments or "{}")
    except ValueError:
        return {}
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}


def _one_line(value: object) -> str:
    if value is None:
        return ""
    text = revealed(" ".join((value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)).split()))
    return text if len(text) <= _WIDEST else text[: _WIDEST - 1] + "…"
