"""The model's own checklist, kept for the session and echoed back so that it stays near the end of the context."""

import re

from pydantic import Field

from tools import edges
from tools.base import Arguments, Effect, Task, TaskState, ToolContext, ToolFailure, ToolResult, TypedTool

_BULLET = re.compile(r"(?P<indent>\s*)(?:[-*+•]|\d+[.)])?\s*(?:\[(?P<mark>[^\]]?)\]\s*)?(?P<text>.*)")
_MARKS: dict[str, TaskState] = {"x": "done", "✓": "done", "✔": "done", ">": "active", "~": "active", "/": "active"}
_SIGNS: dict[TaskState, str] = {"open": " ", "active": ">", "done": "x"}
_MOST_TASKS = 100
_LONGEST = 300


class TaskListArguments(Arguments):
    """Arguments of `task_list`."""

    tasks: edges.Text = Field(
        description='The whole list, a line each: "- [ ] open", "- [>] in progress", "- [x] done".'
    )


class TaskList(TypedTool[TaskListArguments]):
    """Keep a task list."""

    name = "task_list"
    arguments = TaskListArguments

    def effect_of(self, arguments: TaskListArguments) -> Effect:
        """The list replaces the last one, so calls stay in order."""
        del arguments
        return "write"

    async def do(self, arguments: TaskListArguments, context: ToolContext) -> ToolResult:
        """Replace the list and echo it."""
        tasks = parse_tasks(arguments.tasks)
        if not tasks:
            raise ToolFailure('tasks is empty; send the whole list, a line each, such as "- [ ] run the tests".')
        kept = tasks[:_MOST_TASKS]
        context.state.tasks = kept
        left = (
            f"\n[{len(tasks) - len(kept)} tasks beyond {_MOST_TASKS} were not kept]" if len(tasks) > len(kept) else ""
        )
        return ToolResult(f"{progress(kept)}\n{render_tasks(kept)}{left}", progress(kept))


def parse_tasks(text: str) -> tuple[Task, ...]:
    """Tasks of a Markdown checklist; bullets, numbers and boxes may be missing, headings and fences are skipped."""
    tasks: list[Task] = []
    for line in text.replace("\\n", "\n").split("\n") if "\n" not in text else text.split("\n"):
        parts = _BULLET.fullmatch(line.expandtabs(4))
        if parts is None or not parts["text"].strip() or line.lstrip().startswith(("#", "```")):
            continue
        state = _MARKS.get((parts["mark"] or "").casefold(), "open")
        tasks.append(Task(parts["text"].strip()[:_LONGEST], state, min(len(parts["indent"]) // 2, 3)))
    return tuple(tasks)


def render_tasks(tasks: tuple[Task, ...]) -> str:
    """The list as Markdown."""
    return "\n".join(f"{'  ' * task.depth}- [{_SIGNS[task.state]}] {task.text}" for task in tasks)


def progress(tasks: tuple[Task, ...]) -> str:
    """One line: how many are done, and which one is in progress."""
    done = sum(task.state == "done" for task in tasks)
    active = next((task.text for task in tasks if task.state == "active"), None)
    return f"{done} of {len(tasks)} done" + (f"; now: {active}" if active else "")
