"""SWE-bench 5's task repositories: a folder for each instance, `tasks/ID/`, with task.yaml and files for long texts.

Layout: `swebench/task/repo.py` of SWE-bench 5. What an agent must not see is opened only to grade.
"""

import json
from collections.abc import Mapping
from pathlib import Path

from agent.json_types import as_object
from jobs.batch.inputs.yaml_rows import yaml_value

TASKS, TASK = "tasks", "task.yaml"
_SHOWN: Mapping[str, str] = {"problem_statement": "problem_statement.md"}
_HIDDEN: Mapping[str, str] = {"patch": "gold.patch", "eval_script": "eval.sh"}
_TESTS = "tests.json"


def is_task_repo(path: Path) -> bool:
    """Whether a folder is such a repository, or its `tasks`, or one task of it."""
    return bool(_folders(path))


def rows(path: Path, *, graded: bool) -> tuple[list[tuple[str, object]], list[str]]:
    """Folder name and row of each task, and a sentence for each that cannot be read."""
    found: list[tuple[str, object]] = []
    problems: list[str] = []
    for folder in _folders(path):
        try:
            found.append((folder.name, _row(folder, graded=graded)))
        except (OSError, ValueError) as error:
            problems.append(f"{folder}: {error}.")
    return found, problems


def _folders(path: Path) -> list[Path]:
    """The folders of the tasks, by name."""
    for parent in (path / TASKS, path):
        if tasks := sorted(found.parent for found in parent.glob(f"*/{TASK}")):
            return tasks
    return [path] if (path / TASK).is_file() else []


def _row(folder: Path, *, graded: bool) -> Mapping[str, object]:
    """Raises `OSError` or `ValueError`."""
    row: dict[str, object] = {"instance_id": folder.name, **as_object(yaml_value(folder / TASK))}
    for column, name in {**_SHOWN, **(_HIDDEN if graded else {})}.items():
        # Line ends of a patch are a part of it.
        row[column] = (folder / name).read_bytes().decode("utf-8")
    if graded:
        row |= as_object(json.loads((folder / _TESTS).read_bytes()))
    return row
