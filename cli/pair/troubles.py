"""Errors of the command line, the engine and the sandbox as errors of the screen."""

from collections.abc import Coroutine
from typing import TypeVar

from cli import exit_codes
from cli.errors import CommandError
from sandboxes.errors import SandboxError
from tui.host import HostFailed, Trouble

T = TypeVar("T")
_TROUBLES: dict[int, Trouble] = {exit_codes.ENDPOINT: "endpoint", exit_codes.SANDBOX: "sandbox"}


async def translated(work: Coroutine[object, object, T]) -> T:
    """The work's result; raises `HostFailed` for every error that has a sentence."""
    from agent.errors import SessionError

    try:
        return await work
    except CommandError as error:
        raise HostFailed(str(error), _TROUBLES.get(error.exit_code, "usage")) from error
    except SandboxError as error:
        raise HostFailed(str(error), "sandbox") from error
    except SessionError as error:
        raise HostFailed(str(error), "usage") from error
