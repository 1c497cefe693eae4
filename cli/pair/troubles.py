"""Errors of the command line, the engine and the sandbox as errors of the screen."""

import sqlite3
from collections.abc import Coroutine, Sequence
from typing import TypeVar

from agent import errors
from cli import exit_codes
from cli.errors import CommandError, SessionGone, SessionLocked, SettingsWrong
from cli.paths import state_dir
from sandboxes.container.errors import EngineMissing, ImageMissing
from sandboxes.errors import PathError, SandboxError, SandboxGone, WorkspaceError
from serving.probe import KeyRefused, ModelNotServed, ServerLoading, ServerUnreachable, ServerUnusable
from tui.host import HostFailed, Trouble

T = TypeVar("T")
# The first row that fits counts, so a class stands before those that it is derived from.
TROUBLES: Sequence[tuple[type[BaseException], Trouble]] = (
    (ServerLoading, "loading"),
    (KeyRefused, "key"),
    (ModelNotServed, "model"),
    (ServerUnreachable, "endpoint"),
    (ServerUnusable, "not_a_server"),
    (SettingsWrong, "settings"),
    (SessionLocked, "locked"),
    (SessionGone, "session"),
    (errors.EndpointRefused, "refused"),
    (errors.RequestInvalid, "refused"),
    (errors.ContextOverflow, "context"),
    (errors.EndpointError, "endpoint"),
    (errors.StreamBroken, "endpoint"),
    (errors.AgentError, "usage"),
    (EngineMissing, "engine"),
    (ImageMissing, "image"),
    (SandboxGone, "gone"),
    (WorkspaceError, "workspace"),
    (PathError, "workspace"),
    (SandboxError, "sandbox"),
    (FileNotFoundError, "session"),
    (sqlite3.OperationalError, "disk"),
    (sqlite3.Error, "session"),
    (OSError, "disk"),
)
_BY_CODE: dict[int, Trouble] = {exit_codes.ENDPOINT: "endpoint", exit_codes.SANDBOX: "sandbox"}
_FILES = (OSError, sqlite3.Error)


async def translated(work: Coroutine[object, object, T]) -> T:
    """The work's result; raises `HostFailed` for every error that has a sentence."""
    try:
        return await work
    except (CommandError, errors.AgentError, SandboxError, OSError, sqlite3.Error) as error:
        raise failure_of(error) from error


def failure_of(error: BaseException) -> HostFailed:
    """An error with a sentence, as the screens take it."""
    cause = error.__cause__
    models = cause.names if isinstance(cause, ModelNotServed) else ()
    return HostFailed(_sentence(error), trouble_of(error), models)


def trouble_of(error: BaseException) -> Trouble:
    """What stands in the way: by the error itself, or by what made it one of the command line."""
    for cause in (error, error.__cause__):
        for kind, trouble in TROUBLES:
            if isinstance(cause, kind):
                return trouble
    return _BY_CODE.get(error.exit_code, "usage") if isinstance(error, CommandError) else "crash"


def _sentence(error: BaseException) -> str:
    if not isinstance(error, _FILES) or isinstance(error, SandboxError):
        return str(error)
    return (
        f"A file could not be read or written: {error}. Sessions are kept in {state_dir()}; is there room, and may you "
        "write there? QWRIGHT_STATE_DIR names another place."
    )
