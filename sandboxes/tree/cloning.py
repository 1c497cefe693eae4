"""Clones a repository that a person named by its URL, with nothing of their git configuration and no hooks."""

import asyncio
import shutil
from pathlib import Path

from sandboxes.errors import WorkspaceError
from sandboxes.tree.gitcmd import git_environment

# No transport that would run a program of the URL's choosing ("ext::").
_PROTOCOLS = "https:http:ssh:git:file"


async def clone(url: str, into: Path, depth: int = 50) -> None:
    """Clone the default branch, `depth` commits of it, into a folder that is not there yet.

    Raises `WorkspaceError` with what git said. A cancelled clone leaves nothing.
    """
    if url.startswith("-"):
        raise WorkspaceError(f"{url} is no URL of a repository.")
    command = ("git", "-c", "core.hooksPath=/dev/null", "clone", "--quiet", f"--depth={depth}", "--", url, str(into))
    into.parent.mkdir(parents=True, exist_ok=True)
    process = await asyncio.create_subprocess_exec(
        *command,
        env=git_environment({"GIT_ALLOW_PROTOCOL": _PROTOCOLS}),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        _, said = await process.communicate()
    except asyncio.CancelledError:
        process.kill()
        await process.wait()
        shutil.rmtree(into, ignore_errors=True)
        raise
    if process.returncode:
        shutil.rmtree(into, ignore_errors=True)
        told = said.decode("utf-8", "replace").strip() or "it said nothing"
        raise WorkspaceError(f"{url} cannot be cloned: {told}. A private repository is cloned by you; name its folder.")
