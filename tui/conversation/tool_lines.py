"""A tool call as lines: what runs, how it goes, and below it what came of it, by kind of tool."""

from collections.abc import Sequence

from rich.cells import cell_len
from rich.text import Text
from textual.strip import Strip

from tui.conversation.diff_text import diff_lines, in_columns
from tui.conversation.look import Look, joined
from tui.conversation.words import arguments, cut_middle, ending, mark, name, seconds, subject
from tui.model.blocks import ToolBlock
from tui.model.checklist import Task, tasks_of
from tui.model.diff_rows import Row, counts, diff_rows
from tui.model.safe import coloured, line, plain

_INDENT = "  "
_FOLDED_LINES = 6
_FOLDED_DIFF = 16
# Rows of the screen: a line may be as long as a file.
_FOLDED_ROWS = 12
_FOLDED_DIFF_ROWS = 24
# The pager shows any number of lines; the conversation is for reading on.
_OPEN_LINES = 500
_TASK_SIGNS = {"open": ("○", ""), "active": ("▸", "active"), "done": ("✓", "muted")}


def tool_lines(block: ToolBlock, look: Look, *, folded: bool) -> list[Strip]:
    """Head line and body."""
    rows = diff_rows(block.diff) if block.diff else []
    return joined(look.text(_head(block, look, rows), _head_style(block)), _body(block, look, rows, folded=folded))


def _head_style(block: ToolBlock) -> str:
    return {"writing": "muted", "waiting": "question"}.get(block.state, block.state)


def _head(block: ToolBlock, look: Look, rows: Sequence[Row]) -> str:
    """Never wider than a line: what is told at its end is always seen."""
    taken = block.seconds
    if block.state == "running" and block.began is not None:
        taken = look.now - block.began
    told = (
        counts([*rows]) if rows else "",
        ending(block),
        {"waiting": "waits", "failed": "not run" if block.summary == "not run" else ""}.get(block.state, ""),
        seconds(taken) if taken >= 0.05 else "",
    )
    end = "".join(f"  {plain(part)}" for part in told if part)
    begin = line(f"{mark(block, look.now)} {name(block)} {subject(block)}")
    return cut_middle(begin, max(look.width - cell_len(end), 8)) + end


def _body(block: ToolBlock, look: Look, rows: list[Row], *, folded: bool) -> list[Strip]:
    if rows:
        return _diff(rows, look, folded=folded)
    if block.tool == "task_list" and (tasks := tasks_of(block.output or str(arguments(block).get("tasks", "")))):
        return _tasks(tasks, look)
    if block.tool == "present_plan" and (plan := arguments(block).get("plan")):
        return look.text(plain(str(plan)).strip(), "", _INDENT)
    if folded and block.state == "ok" and _is_look(block):
        return []
    return _output(block, look, folded=folded)


def _is_look(block: ToolBlock) -> bool:
    """Whether a call only looked: its head says what was found."""
    looks = block.tool == "str_replace_editor" and arguments(block).get("command") == "view"
    return looks or block.tool in ("search", "submit", "ask_user")


def _diff(rows: list[Row], look: Look, *, folded: bool) -> list[Strip]:
    most = _FOLDED_DIFF if folded else _OPEN_LINES
    lines = diff_lines(rows[:most], look.width - len(_INDENT), in_columns(look.width, look.in_columns))
    over = max(len(lines) - _FOLDED_DIFF_ROWS, 0) if folded else 0
    drawn = look.lines(Text("\n").join(lines[: len(lines) - over]), _INDENT)
    return [*drawn, *_left(look, len(rows) - most, over, "more", folded=folded)]


def _output(block: ToolBlock, look: Look, *, folded: bool) -> list[Strip]:
    lines = block.output.rstrip("\n").split("\n")
    if not block.output.strip():
        return []
    most = _FOLDED_LINES if folded else _OPEN_LINES
    text = Text.from_ansi(coloured("\n".join(lines[-most:])))
    text.style = look.style("muted")
    drawn = look.lines(text, _INDENT)
    over = max(len(drawn) - _FOLDED_ROWS, 0) if folded else 0
    return [*_left(look, len(lines) - most, over, "above", folded=folded), *drawn[over:]]


def _tasks(tasks: list[Task], look: Look) -> list[Strip]:
    drawn: list[Strip] = []
    for task in tasks:
        sign, style = _TASK_SIGNS[task.state]
        prefix = f"{_INDENT}{'  ' * task.depth}{sign} "
        drawn += look.text(line(task.text), style, prefix)
    return drawn


def _left(look: Look, lines: int, rows: int, where: str, *, folded: bool) -> list[Strip]:
    """What is not shown: lines, and rows of those lines that are shown in part."""
    counted = [f"{lines:,} {'line' if lines == 1 else 'lines'}"] if lines > 0 else []
    counted += [f"{rows:,} {'row' if rows == 1 else 'rows'} of long lines"] if rows else []
    if not counted:
        return []
    how = "" if folded else "; o shows all"
    return look.text(f"… {' and '.join(counted)} {where}{how}", "muted", _INDENT)
