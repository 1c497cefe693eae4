"""From what a person names to instances: the form is known by what it is."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from jobs.batch.errors import BatchError
from jobs.batch.inputs import issues, tables, task_repo, yaml_rows
from jobs.batch.rows import GradedInstance, Loaded, Named, check_rows, load_rows

Row = TypeVar("Row", bound=Named)
FORMS = (
    "a file of rows (.jsonl, .json, .parquet, .yaml), a folder of a SWE-bench task repository, a data set "
    "(hf:NAME or hf:NAME:SPLIT), an issue's text (.md, .txt, or a folder of these, with --repo), or the URL of a "
    "GitHub issue"
)


@dataclass(frozen=True, slots=True)
class Source:
    """What was named, with what plain issues need besides: a repository (path or URL) and an image."""

    named: str
    repo: str = ""
    image: str = ""

    @property
    def path(self) -> Path:
        """As a path."""
        return Path(self.named).expanduser()

    @property
    def is_issue(self) -> bool:
        """Whether it is a plain issue or a folder of such: these have no tests to grade by."""
        return issues.is_issue_url(self.named) or self.path.suffix in issues.SUFFIXES or self._folder_of_issues

    @property
    def _folder_of_issues(self) -> bool:
        return self.path.is_dir() and not task_repo.is_task_repo(self.path)

    def fingerprint(self) -> dict[str, str]:
        """What tells a stranger whether they have the same: the name, and a hash of the file where it is one."""
        path = self.path
        if path.is_file():
            return {"file": path.name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
        return {"name": path.name if path.is_dir() else self.named}


def load(source: Source, kind: type[Row]) -> Loaded[Row]:
    """Load what is named. A bad row is a sentence in `problems`; raises `BatchError` when nothing can be read."""
    path, graded = source.path, issubclass(kind, GradedInstance)
    if source.named.startswith(tables.DATASET):
        return _checked(tables.dataset_rows(source.named), source.named, kind)
    if source.is_issue:
        if graded:
            raise BatchError(f"{source.named} is a plain issue: it has no tests to grade by.")
        return _checked(issues.rows(source.named, source.repo, source.image), source.named, kind, own=True)
    if path.is_dir():
        return _tasks(path, kind, graded=graded)
    match path.suffix:
        case ".parquet":
            return _checked(tables.parquet_rows(path), str(path), kind)
        case ".yaml" | ".yml":
            return _checked(yaml_rows.rows(path), str(path), kind)
        case ".jsonl" | ".json":
            return load_rows(path, kind)
        case _:
            what = "has a form that is not known" if path.exists() else "is not there"
            raise BatchError(f"{source.named} {what}. Name {FORMS}.")


def _checked(values: Iterable[object], source: str, kind: type[Row], *, own: bool = False) -> Loaded[Row]:
    return check_rows(enumerate(values, 1), source, kind, own=own)


def _tasks(path: Path, kind: type[Row], *, graded: bool) -> Loaded[Row]:
    """The tasks of a repository, each named by its folder."""
    values, problems = task_repo.rows(path, graded=graded)
    loaded = check_rows(values, str(path / task_repo.TASKS), kind)
    return replace(loaded, problems=(*problems, *loaded.problems))
