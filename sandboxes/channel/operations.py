"""What a started sandbox can do, and the class that the backends share: it passes every call on to that."""

from abc import ABC, abstractmethod
from collections.abc import Awaitable
from pathlib import Path
from typing import Protocol, TypeVar

from sandboxes.errors import SandboxGone
from sandboxes.protocol import (
    TREE_BYTES,
    CommandResult,
    DirEntry,
    FileContent,
    FileStat,
    JobStatus,
    OutputSink,
    TreeChange,
)

T = TypeVar("T")


class Operations(Protocol):
    """The part of `sandboxes.protocol.Sandbox` that works inside: see there."""

    async def run(self, command: str, *, timeout_s: float, on_output: OutputSink | None = None) -> CommandResult: ...  # noqa: D102 -- see Sandbox
    async def start_job(self, command: str) -> JobStatus: ...  # noqa: D102 -- see Sandbox
    async def poll_job(self, job_id: str) -> JobStatus: ...  # noqa: D102 -- see Sandbox
    async def kill_job(self, job_id: str) -> JobStatus: ...  # noqa: D102 -- see Sandbox
    async def stat(self, path: str) -> FileStat | None: ...  # noqa: D102 -- see Sandbox
    async def read_file(self, path: str, *, offset: int = 0, limit: int | None = None) -> FileContent: ...  # noqa: D102 -- see Sandbox
    async def write_file(  # noqa: D102 -- see Sandbox
        self,
        path: str,
        data: bytes,
        *,
        mode: int | None = None,
        expect: str | None = None,
        within: tuple[str, ...] = (),
    ) -> FileStat: ...
    async def delete_file(self, path: str, *, within: tuple[str, ...] = ()) -> None: ...  # noqa: D102 -- see Sandbox
    async def list_dir(self, path: str, *, depth: int, limit: int) -> tuple[list[DirEntry], int]: ...  # noqa: D102 -- see Sandbox
    async def scan(self) -> list[TreeChange]: ...  # noqa: D102 -- see Sandbox
    async def read_tree(self, paths: list[str], *, most: int = TREE_BYTES) -> list[TreeChange]: ...  # noqa: D102 -- see Sandbox

    async def close(self) -> None:
        """End the connection to the inside."""
        ...


class OperatedSandbox(ABC):
    """Passes calls on to the operations of a started sandbox, and explains their end when the backend knows more."""

    def __init__(self) -> None:
        self._operations: Operations | None = None

    @abstractmethod
    async def explain(self, gone: SandboxGone) -> SandboxGone:
        """The same error with the cause that the backend can see."""

    @abstractmethod
    async def upload(self, archive: Path, target: str) -> None:
        """Unpack a tar file of the host into a directory of the sandbox."""

    def _started(self) -> Operations:
        if self._operations is None:
            raise SandboxGone("The sandbox is not running: it was not started, or it is closed.")
        return self._operations

    async def _told(self, call: Awaitable[T]) -> T:
        try:
            return await call
        except SandboxGone as gone:
            raise await self.explain(gone) from gone

    async def run(self, command: str, *, timeout_s: float, on_output: OutputSink | None = None) -> CommandResult:
        """Run one shell command line; cwd and exported environment carry over to the next."""
        return await self._told(self._started().run(command, timeout_s=timeout_s, on_output=on_output))

    async def start_job(self, command: str) -> JobStatus:
        """Start a command in the background, in the current cwd and environment."""
        return await self._told(self._started().start_job(command))

    async def poll_job(self, job_id: str) -> JobStatus:
        """State and new output of a job; raises `KeyError` for an unknown id."""
        return await self._told(self._started().poll_job(job_id))

    async def kill_job(self, job_id: str) -> JobStatus:
        """Kill a job's process group; raises `KeyError` for an unknown id."""
        return await self._told(self._started().kill_job(job_id))

    async def stat(self, path: str) -> FileStat | None:
        """What stands at the path (links followed), or None."""
        return await self._told(self._started().stat(path))

    async def read_file(self, path: str, *, offset: int = 0, limit: int | None = None) -> FileContent:
        """Bytes of a regular file; raises `PathMissing` or `PathNotAFile`."""
        return await self._told(self._started().read_file(path, offset=offset, limit=limit))

    async def write_file(
        self,
        path: str,
        data: bytes,
        *,
        mode: int | None = None,
        expect: str | None = None,
        within: tuple[str, ...] = (),
    ) -> FileStat:
        """Replace a file atomically under guards; see `sandboxes.protocol.Sandbox.write_file`."""
        return await self._told(self._started().write_file(path, data, mode=mode, expect=expect, within=within))

    async def delete_file(self, path: str, *, within: tuple[str, ...] = ()) -> None:
        """Remove a file or link, and then the directories that it leaves empty inside the roots."""
        await self._told(self._started().delete_file(path, within=within))

    async def list_dir(self, path: str, *, depth: int, limit: int) -> tuple[list[DirEntry], int]:
        """Entries down to `depth`, hidden ones left out, sorted; at most `limit`, and how many there are in all."""
        return await self._told(self._started().list_dir(path, depth=depth, limit=limit))

    async def scan(self) -> list[TreeChange]:
        """Paths of the workspace that changed since the last scan, `.git` left out."""
        return await self._told(self._started().scan())

    async def read_tree(self, paths: list[str], *, most: int = TREE_BYTES) -> list[TreeChange]:
        """The given workspace paths with their bytes or link targets, links not followed."""
        return await self._told(self._started().read_tree(paths, most=most))
