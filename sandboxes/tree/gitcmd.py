"""The host's git as a subprocess: fixed arguments, a scrubbed environment, nothing configured that could run.

No call here may be given an option or a revision that came from the model. Repository configuration is not trusted:
hooks, the file-system monitor, remote transports and lazy fetching are switched off on every call, and only commands
that use neither filters nor external diff drivers are run.
"""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from sandboxes.errors import WorkspaceError

_SAFE_OPTIONS = (
    "--no-pager",
    "--no-optional-locks",
    "--no-replace-objects",
    *("-c", "core.hooksPath=/dev/null"),
    *("-c", "core.fsmonitor=false"),
    *("-c", "core.untrackedCache=false"),
    *("-c", "core.excludesFile=/dev/null"),
    *("-c", "core.attributesFile=/dev/null"),
    *("-c", "core.quotePath=false"),
    *("-c", "protocol.allow=never"),
    *("-c", "protocol.ext.allow=never"),
    *("-c", "gc.auto=0"),
    *("-c", "maintenance.auto=false"),
    # Nothing that is run here executes anything of the repository, so its owner does not matter.
    *("-c", "safe.directory=*"),
)


def git_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The caller's environment without any GIT_* variable, and with git's own doors closed."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment |= {
        "LC_ALL": "C",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_ALLOW_PROTOCOL": "none",
    }
    return environment | dict(extra or {})


class GitFailed(WorkspaceError):
    """A git command of the host ended with an exit code that was not expected; `stderr` is what it said."""

    def __init__(self, arguments: Sequence[str], exit_code: int, stderr: str) -> None:
        said = stderr.strip() or "it said nothing"
        super().__init__(f"`git {arguments[0]}` failed with exit code {exit_code}: {said}")
        self.exit_code = exit_code
        self.stderr = stderr


class GitTooSlow(GitFailed):
    """A git command of the host was ended because it took longer than it may."""

    def __init__(self, arguments: Sequence[str], seconds: float) -> None:
        super().__init__(arguments, -1, "")
        self.args = (
            f"`git {arguments[0]}` did not end within {seconds:g} seconds and was stopped; "
            "the repository may be damaged or made to hold git up. Look into it, or work on a fresh clone.",
        )


_END_S = 5
_LIMIT_S = 120.0
_PIECE = 1 << 18
_T = TypeVar("_T")


def git_argv(arguments: Sequence[str], *, git_dir: Path | None, work_tree: Path | None = None) -> list[str]:
    """The full command line of one call."""
    where = [f"--git-dir={git_dir}"] if git_dir else []
    where += [f"--work-tree={work_tree}"] if work_tree else []
    return ["git", *_SAFE_OPTIONS, *where, *arguments]


async def start_git(
    arguments: Sequence[str], *, git_dir: Path | None, work_tree: Path | None = None, cwd: Path | None = None
) -> asyncio.subprocess.Process:
    """Start git with all three streams piped; raises `WorkspaceError` when there is no git."""
    pipe = asyncio.subprocess.PIPE
    try:
        return await asyncio.create_subprocess_exec(
            *git_argv(arguments, git_dir=git_dir, work_tree=work_tree),
            stdin=pipe,
            stdout=pipe,
            stderr=pipe,
            cwd=cwd or work_tree or git_dir,
            env=git_environment(),
        )
    except FileNotFoundError as error:
        message = "The program `git` was not found on this machine; install git 2.31 or newer and try again."
        raise WorkspaceError(message) from error


async def end_git(process: asyncio.subprocess.Process) -> None:
    """End a git that is still running and collect it; for the way out of a cancelled or failed call.

    Asked with SIGTERM it takes its lock files along, which would lock everybody out for ever.
    """
    if process.returncode is None:
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), _END_S)
        except TimeoutError:
            process.kill()
            await process.wait()


async def run_git(
    *arguments: str,
    git_dir: Path | None,
    work_tree: Path | None = None,
    cwd: Path | None = None,
    stdin: bytes = b"",
    expect: Sequence[int] = (0,),
    limit_s: float = _LIMIT_S,
) -> bytes:
    """Standard output of one git call.

    Raises `GitFailed` when its exit code is not one of `expect`, `GitTooSlow` when it has not ended in `limit_s`: a
    hostile tree can hold a git up for ever.
    """
    process = await start_git(arguments, git_dir=git_dir, work_tree=work_tree, cwd=cwd)
    try:
        async with asyncio.timeout(limit_s):
            output, errors = await process.communicate(stdin)
    except TimeoutError as error:
        raise GitTooSlow(arguments, limit_s) from error
    finally:
        await end_git(process)
    if process.returncode not in expect:
        raise GitFailed(arguments, process.returncode or 0, errors.decode("utf-8", "replace"))
    return output


async def sift_git(*arguments: str, git_dir: Path, take: Callable[[bytes], None]) -> None:
    """Like `run_git`, with standard output handed on in pieces."""
    process = await start_git(arguments, git_dir=git_dir)
    assert process.stdin
    assert process.stdout
    process.stdin.close()
    try:
        while piece := await within_limit(process.stdout.read(_PIECE), arguments):
            take(piece)
        output, errors = await within_limit(process.communicate(), arguments)
        take(output)
    finally:
        await end_git(process)
    if process.returncode != 0:
        raise GitFailed(arguments, process.returncode or 0, errors.decode("utf-8", "replace"))


async def within_limit(wanted: Coroutine[object, object, _T], arguments: Sequence[str]) -> _T:
    """One piece of a streamed call; raises `GitTooSlow`. What the sandbox takes for the next piece does not count."""
    try:
        return await asyncio.wait_for(wanted, _LIMIT_S)
    except TimeoutError as error:
        raise GitTooSlow(arguments, _LIMIT_S) from error


async def feed_git(*arguments: str, git_dir: Path, chunks: AsyncIterator[bytes]) -> bytes:
    """Like `run_git`, with standard input streamed; a call that is cancelled or fails half way is killed.

    For commands whose output fits into a pipe: it is read after the last chunk.
    """
    process = await start_git(arguments, git_dir=git_dir)
    assert process.stdin
    try:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # its exit code and words say why it ended
            async for chunk in chunks:
                process.stdin.write(chunk)
                await within_limit(process.stdin.drain(), arguments)
        output, errors = await within_limit(process.communicate(), arguments)
    finally:
        await end_git(process)
    if process.returncode != 0:
        raise GitFailed(arguments, process.returncode or 0, errors.decode("utf-8", "replace"))
    return output
