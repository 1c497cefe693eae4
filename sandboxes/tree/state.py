"""What a store remembers beside its snapshots, so that a workspace can be taken up again after a crash."""

import os
import shutil
from pathlib import Path
from typing import Literal
from urllib.parse import quote_from_bytes, unquote_to_bytes

from pydantic import BaseModel, ConfigDict, ValidationError

from sandboxes.errors import WorkspaceError
from sandboxes.tree.fastimport import decode_path, encode_path

_FILE = "workspace.json"
_OUTSIDE = "outside"


def quote_path(path: str) -> str:
    """A path as JSON can hold it: names that are not UTF-8 become percent signs, the rest stays readable."""
    return quote_from_bytes(encode_path(path))


def unquote_path(text: str) -> str:
    """The inverse of `quote_path`."""
    return decode_path(unquote_to_bytes(text))


class StoreState(BaseModel):
    """How the workspace was opened."""

    model_config = ConfigDict(frozen=True)

    version: Literal[1] = 1
    kind: Literal["copy", "bind", "image"]
    base: str
    notes: tuple[str, ...] = ()


def prepare_store(directory: Path) -> None:
    """Make the directory, private to the user; what an opening that failed left in it is removed.

    Raises `WorkspaceError` when it holds a workspace: that is for `reopen_workspace`.
    """
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    if (directory / _FILE).exists():
        raise WorkspaceError(f"{directory} already holds a workspace; resume that one, or name another directory.")
    for name in ("snapshots.git", "rules"):
        if (directory / name).exists():
            shutil.rmtree(directory / name)


def save_state(directory: Path, state: StoreState, outside: set[str]) -> None:
    """Write the state; it appears at once and whole, after everything that it speaks of."""
    names = b"\0".join(sorted(map(encode_path, outside)))
    (directory / _OUTSIDE).write_bytes(names)
    fresh = directory / (_FILE + ".new")
    fresh.write_text(state.model_dump_json(), "utf-8")
    os.replace(fresh, directory / _FILE)


def load_state(directory: Path) -> tuple[StoreState, set[str]]:
    """The state and the paths that are no part of the result; raises `WorkspaceError` when there is none."""
    try:
        state = StoreState.model_validate_json((directory / _FILE).read_bytes())
        names = (directory / _OUTSIDE).read_bytes()
    except FileNotFoundError as error:
        message = f"The workspace in {directory} was never completely opened; start the session anew."
        raise WorkspaceError(message) from error
    except ValidationError as error:
        message = f"{directory / _FILE} was written by another version of qwright; start the session anew."
        raise WorkspaceError(message) from error
    return state, {decode_path(name) for name in names.split(b"\0") if name}
