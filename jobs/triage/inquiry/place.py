"""Where triage runs the repository's code: a sandbox with a copy of it, made anew whenever a clean one is wanted."""

import shlex
from collections.abc import Awaitable, Callable
from typing import Protocol, TypeAlias

from sandboxes.protocol import CommandResult, Sandbox
from sandboxes.workspace import Workspace

# Two revisions of a file may have one size and one second: a cached bytecode would then be that of the other.
ENVIRONMENT = "export PYTHONDONTWRITEBYTECODE=1 CI=true"
_GIT = "git -c safe.directory='*' -c core.hooksPath=/dev/null -c core.fsmonitor=false -c gc.auto=0"
_GIT_SECONDS = 120.0


class Place(Protocol):
    """A running sandbox with the workspace in it."""

    @property
    def sandbox(self) -> Sandbox:
        """The sandbox."""
        ...

    @property
    def workspace(self) -> Workspace:
        """The repository's files in it."""
        ...

    async def close(self) -> None:
        """Remove the sandbox."""
        ...


Opener: TypeAlias = Callable[[str], Awaitable[Place]]
"""Makes a fresh place; the name tells the places of one inquiry apart. Raises `SandboxError`."""


async def prepared(opener: Opener, name: str) -> Place:
    """A fresh place, its first snapshot complete."""
    place = await opener(name)
    try:
        await place.workspace.ready()
        await place.sandbox.run(ENVIRONMENT, timeout_s=_GIT_SECONDS)
    except BaseException:
        await place.close()
        raise
    return place


async def git(place: Place, *arguments: str, timeout_s: float = _GIT_SECONDS) -> CommandResult:
    """The sandbox's git in its workspace, no hook and no helper of the repository's configuration in effect."""
    words = " ".join(shlex.quote(word) for word in arguments)
    return await place.sandbox.run(f"cd {shlex.quote(place.sandbox.workdir)} && {_GIT} {words}", timeout_s=timeout_s)


def said(result: CommandResult) -> str:
    """All that is kept of a command's output, as text."""
    return (result.head + result.tail).decode("utf-8", "replace").strip()
