"""Cuts the history of an image's repository at the commit that the issue was written for.

Images may be full clones: other branches, tags, reflogs and loose objects then hold the repair (SWE-bench issue 465).
It is done inside the container, by the image's git: the host's git never runs on a tree that a sandbox can write.
"""

import logging

from jobs.batch.history_script import SCRIPT
from sandboxes.errors import WorkspaceError
from sandboxes.protocol import Sandbox

_logger = logging.getLogger(__name__)
_SECONDS = 900.0
_NO_COMMIT = 41
_NAMED = 5


async def cut_history(sandbox: Sandbox, base_commit: str, around: str = "/") -> None:
    """Leave HEAD and what it is made of, and nothing else; copies of the repository below `around` go as well.

    A file that is word for word one of the future's (an installed package may be newer than its issue) stays, because
    tests may need it, and is told in the log. Raises `WorkspaceError` when the repository lacks the base commit or
    cannot be cut: then nothing may run in it.
    """
    path = f"{sandbox.scratch}/cut-history"
    await sandbox.write_file(path, SCRIPT.encode())
    command = f"bash '{path}' '{sandbox.workdir}' {base_commit} '{around}'"
    result = await sandbox.run(command, timeout_s=_SECONDS)
    await sandbox.delete_file(path)
    if result.exit_code == _NO_COMMIT:
        raise WorkspaceError(
            f"The repository at {sandbox.workdir} has no commit {base_commit[:12]}; image and row do not fit."
        )
    said = (result.head + result.tail).decode("utf-8", "replace")
    if result.exit_code != 0:
        raise WorkspaceError(
            f"The history at {sandbox.workdir} could not be cut at {base_commit[:12]} (code {result.exit_code}): "
            + said[-600:].strip()
        )
    for line in said.splitlines():
        if line.startswith("REMOVED "):
            _logger.info("%s had a copy of the repository and was removed", line.removeprefix("REMOVED "))
    if copies := [line.removeprefix("COPY ") for line in said.splitlines() if line.startswith("COPY ")]:
        named = ", ".join(copies[:_NAMED]) + (f" and {len(copies) - _NAMED} more" if len(copies) > _NAMED else "")
        _logger.warning("The image has files as they are only after commit %s: %s", base_commit[:12], named)
