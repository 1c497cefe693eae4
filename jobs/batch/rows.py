"""Rows of SWE-bench 5: what a batch may know of an instance, and, apart from it, what only the grader may.

`Instance` never holds the gold patch, the hidden tests, the hints or the `eval_script`: what is not read cannot leak.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Generic, TypeVar, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator, model_validator

from agent.json_types import as_object, as_text
from jobs.batch.errors import BatchError
from jobs.batch.grading import EvalType
from jobs.batch.images import image_name

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,199}")
_FOLDER = re.compile(r"(?:/(?!\.\.?(?:/|$))[A-Za-z0-9._+-]+)+")
_COMMIT = re.compile(r"[0-9a-f]{7,64}")
# What else an output folder holds; on some file systems upper and lower case are one.
RESERVED = frozenset(
    {"evaluation", "lock", "images.json", "preds.json", "preds.jsonl", "run.json", "selection.json"}
    | {f"{name}.{form}" for name in ("report", "compare", "attempts") for form in ("json", "md", "html")}
)
Row = TypeVar("Row", bound="Named")


class Named(BaseModel):
    """What every row has: an id, which also names a folder, and what says which image."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)

    instance_id: str
    image: str | None = None
    image_name: str | None = None
    docker_image: str | None = None

    @field_validator("instance_id")
    @classmethod
    def _is_a_name(cls, value: str) -> str:
        if not _ID.fullmatch(value):
            raise ValueError("must be letters, digits and . _ + -, at most 200, as in owner__repo-123")
        if value.casefold() in RESERVED:
            raise ValueError(f"{value} is a name for files and folders of the results; give it another one")
        return value

    @field_validator("image", "image_name", "docker_image")
    @classmethod
    def _is_an_image(cls, value: str | None) -> str | None:
        if value and (value.startswith("-") or any(letter.isspace() for letter in value)):
            raise ValueError("is no name of an image")
        return value

    @property
    def container_image(self) -> str:
        """The image by SWE-bench's rule."""
        return image_name(self.instance_id, self.image or self.image_name or self.docker_image)


def _worded(value: object) -> object:
    """YAML and some tables have numbers where a version or a name is meant."""
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


Words = Annotated[str, BeforeValidator(_worded)]


class Instance(Named):
    """What the agent may be told, or its sandbox be made from.

    The repository is at `workdir` in the image; or it is `host_repository` of this machine (path or URL), which only
    the person who runs the batch can name, never a row.
    """

    base_commit: str
    problem_statement: str = Field(min_length=1)
    repo: Words = ""
    version: Words = ""
    difficulty: Words = ""
    workdir: str = "/testbed"
    host_repository: str = ""

    @model_validator(mode="before")
    @classmethod
    def _simple(cls, value: object) -> object:
        """SWE-agent's "simple" instances name the repository's folder in the image, and often no commit."""
        row = as_object(value)
        if "repo_name" not in row or "repo" in row:
            return value
        folder = as_text(row.get("repo_name")) or "testbed"
        return {"base_commit": "HEAD", **row, "workdir": f"/{folder.strip('/')}"}

    @field_validator("base_commit")
    @classmethod
    def _is_a_commit(cls, value: str) -> str:
        if not _COMMIT.fullmatch(value) and value != "HEAD":
            raise ValueError("must be a commit's hash, or HEAD")
        return value

    @field_validator("workdir")
    @classmethod
    def _is_a_folder(cls, value: str) -> str:
        if not _FOLDER.fullmatch(value):
            raise ValueError("must be a folder of the image, as in /testbed")
        return value


def _listed(value: object) -> object:
    return json.loads(value) if isinstance(value, str) else value


Tests = Annotated[tuple[str, ...], BeforeValidator(_listed), Field(strict=False)]


class GradedInstance(Named):
    """What the grader needs. Never handed to anything that the agent can read."""

    eval_script: str = Field(min_length=1)
    log_parser: str
    eval_type: EvalType = "pass_and_fail"
    patch: str = ""
    repo: Words = ""
    version: Words = ""
    FAIL_TO_PASS: Tests
    PASS_TO_PASS: Tests


@dataclass(frozen=True, slots=True)
class Loaded(Generic[Row]):
    """The good rows in the order of the file, and a sentence for each bad one."""

    rows: tuple[Row, ...]
    problems: tuple[str, ...]


def load_rows(path: Path, kind: type[Row]) -> Loaded[Row]:
    """Read a .jsonl file (one row a line) or a .json file (a list, or one row).

    Raises `BatchError` when the file cannot be read at all, or is no JSON as a whole.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BatchError(f"The rows {path} cannot be read ({error}). Name a .jsonl or .json file.") from error
    return check_rows(_whole(text, path) if path.suffix == ".json" else _lines(text), str(path), kind)


def check_rows(
    found: Iterable[tuple[int | str, object]], source: str, kind: type[Row], *, own: bool = False
) -> Loaded[Row]:
    """Check each row for itself; pairs are (line, position or name, what stood there).

    `own` rows were made here, from what a person named on the command line; no other may name a folder of this machine.
    A field that is null is one that the row does not have, as in the rows of published data sets.
    """
    rows: dict[str, Row] = {}
    problems: list[str] = []
    for where, value in found:
        if isinstance(value, json.JSONDecodeError):
            problems.append(f"{source}:{where}: this is no JSON ({value.msg} at column {value.colno}).")
            continue
        try:
            checked = kind.model_validate(_told(value, own=own))
        except ValidationError as error:
            problems.append(f"{source}:{where}: {_sentence(error)}.")
            continue
        name = checked.instance_id
        if first := rows.get(name.casefold()):
            twice = f"{name} is there twice; the first one counts"
            case = f"{name} differs from {first.instance_id} only in upper and lower case, which folders and images "
            case += "may not tell apart; the first one counts"
            problems.append(f"{source}:{where}: instance_id: {twice if name == first.instance_id else case}.")
            continue
        rows[name.casefold()] = checked
    return Loaded(tuple(rows.values()), tuple(problems))


def _told(value: object, *, own: bool) -> object:
    row = as_object(value)
    if not row:
        return value
    return {name: it for name, it in row.items() if it is not None and (own or name != "host_repository")}


def _sentence(error: ValidationError) -> str:
    """The first field that is wrong and why, and never its value: it may be a hidden test."""
    first = error.errors(include_input=False, include_url=False)[0]
    field = ".".join(str(part) for part in first["loc"]) or "the row"
    return f"{field}: {'is needed, and missing or null' if first['type'] == 'missing' else first['msg']}"


def _lines(text: str) -> Iterator[tuple[int, object]]:
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                yield number, json.loads(line)
            except json.JSONDecodeError as error:
                yield number, error


def _whole(text: str, path: Path) -> list[tuple[int, object]]:
    try:
        value: object = json.loads(text)
    except json.JSONDecodeError as error:
        raise BatchError(f"{path} is no JSON: {error}. One row a line belongs into a .jsonl file.") from error
    rows = cast("list[object]", value) if isinstance(value, list) else [value]
    return list(enumerate(rows, 1))
