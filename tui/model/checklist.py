"""The model's task list as the tool echoes it, taken apart for the screen. Pure."""

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

State: TypeAlias = Literal["open", "active", "done"]
_TASK = re.compile(r"(?P<indent> *)- \[(?P<mark>[ >x])\] (?P<text>.+)")
_STATES: dict[str, State] = {" ": "open", ">": "active", "x": "done"}


@dataclass(frozen=True, slots=True)
class Task:
    """One line; `depth` counts levels of indentation from 0."""

    text: str
    state: State
    depth: int


def tasks_of(text: str) -> list[Task]:
    """The tasks in a text; other lines of it are left out."""
    found = (_TASK.fullmatch(line) for line in text.split("\n"))
    return [Task(task["text"], _STATES[task["mark"]], len(task["indent"]) // 2) for task in found if task]
