"""A sandbox seen through glass: files can be read, and writing only pretends. For what an edit would do."""

from pathlib import Path

from sandboxes.errors import SandboxError
from sandboxes.protocol import (
    TREE_BYTES,
    CommandResult,
    DirEntry,
    FileContent,
    FileStat,
    JobStatus,
    OutputSink,
    Sandbox,
    TreeChange,
)

_REFUSED = "Nothing runs and nothing is written in a preview."


class Unwritten:
    """The `Sandbox` protocol; what was written is only remembered here, everything else raises `SandboxError`."""

    def __init__(self, real: Sandbox) -> None:
        self._real = real
        self._written: dict[str, FileContent | None] = {}

    @property
    def workdir(self) -> str:
        """See `Sandbox.workdir`."""
        return self._real.workdir

    @property
    def scratch(self) -> str:
        """See `Sandbox.scratch`."""
        return self._real.scratch

    @property
    def description(self) -> str:
        """See `Sandbox.description`."""
        return self._real.description

    async def start(self) -> None:
        """See `Sandbox.start`."""
        raise SandboxError(_REFUSED)

    async def close(self) -> None:
        """See `Sandbox.close`."""
        raise SandboxError(_REFUSED)

    async def run(self, command: str, *, timeout_s: float, on_output: OutputSink | None = None) -> CommandResult:
        """See `Sandbox.run`."""
        raise SandboxError(_REFUSED)

    async def start_job(self, command: str) -> JobStatus:
        """See `Sandbox.start_job`."""
        raise SandboxError(_REFUSED)

    async def poll_job(self, job_id: str) -> JobStatus:
        """See `Sandbox.poll_job`."""
        raise SandboxError(_REFUSED)

    async def kill_job(self, job_id: str) -> JobStatus:
        """See `Sandbox.kill_job`."""
        raise SandboxError(_REFUSED)

    async def stat(self, path: str) -> FileStat | None:
        """See `Sandbox.stat`."""
        if path in self._written:
            written = self._written[path]
            return written.stat if written else None
        return await self._real.stat(path)

    async def read_file(self, path: str, *, offset: int = 0, limit: int | None = None) -> FileContent:
        """See `Sandbox.read_file`."""
        if (written := self._written.get(path)) is not None:
            data = written.data[offset : None if limit is None else offset + limit]
            return FileContent(written.stat, data)
        return await self._real.read_file(path, offset=offset, limit=limit)

    async def write_file(
        self,
        path: str,
        data: bytes,
        *,
        mode: int | None = None,
        expect: str | None = None,
        within: tuple[str, ...] = (),
    ) -> FileStat:
        """See `Sandbox.write_file`."""
        stat = FileStat(path, path, "file", len(data), mode or 0o644, "preview")
        self._written[path] = FileContent(stat, data)
        return stat

    async def delete_file(self, path: str, *, within: tuple[str, ...] = ()) -> None:
        """See `Sandbox.delete_file`."""
        self._written[path] = None

    async def list_dir(self, path: str, *, depth: int, limit: int) -> tuple[list[DirEntry], int]:
        """See `Sandbox.list_dir`."""
        return await self._real.list_dir(path, depth=depth, limit=limit)

    async def upload(self, archive: Path, target: str) -> None:
        """See `Sandbox.upload`."""
        raise SandboxError(_REFUSED)

    async def scan(self) -> list[TreeChange]:
        """See `Sandbox.scan`."""
        raise SandboxError(_REFUSED)

    async def read_tree(self, paths: list[str], *, most: int = TREE_BYTES) -> list[TreeChange]:
        """See `Sandbox.read_tree`."""
        return await self._real.read_tree(paths, most=most)
