"""The one or two lines in which a call or a thought is told."""

import json
from typing import cast

from rich.cells import cell_len, set_cell_size

from tui.model.blocks import ThoughtBlock, ToolBlock

_MARKS = {"writing": "○", "running": "●", "ok": "✓", "failed": "✗"}
_WIDEST = 200


def mark(block: ToolBlock) -> str:
    """One character for the state of a call."""
    return _MARKS[block.state]


def subject(block: ToolBlock) -> str:
    """What a call is about: the command, the path, the pattern; "" while it is being written."""
    arguments = _arguments(block.arguments)
    if block.tool == "bash":
        return _one_line(arguments.get("command"))
    if block.tool == "str_replace_editor":
        return f"{_one_line(arguments.get('command'))} {_one_line(arguments.get('path'))}".strip()
    first = next(iter(arguments.values()), "")
    return _one_line(first)


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


def thought_title(block: ThoughtBlock) -> str:
    """`thinking: a test failed`, and when it is done `thought 6 s · 412 tokens · a test failed`."""
    if not block.done:
        return f"thinking: {block.reason}"
    told = [f"thought {seconds(block.seconds)}" if block.seconds else "thought"]
    if block.tokens:
        told.append(f"{block.tokens:,} tokens")
    return " · ".join([*told, block.reason] if block.reason else told)


def _arguments(text: str) -> dict[str, object]:
    try:
        value: object = json.loads(text or "{}")
    except ValueError:
        return {}
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}


def _one_line(value: object) -> str:
    if value is None:
        return ""
    text = " ".join((value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)).split())
    return text if len(text) <= _WIDEST else text[: _WIDEST - 1] + "…"
