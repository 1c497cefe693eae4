"""The sandbox operations for images without Python: one `docker exec` of a shell script per call.

Slower (tens of milliseconds a call) and with two differences: live output arrives when the command ends, and output
files have no size limit. Everything else holds.
"""

import asyncio
import contextlib
import posixpath
import secrets
import stat as stat_bits
import tempfile
import time
from collections.abc import Awaitable, Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from sandboxes import errors
from sandboxes.container import plain_scripts
from sandboxes.container.plain_tree import PlainTree, pick
from sandboxes.errors import PathError, PathMissing, PathNotAFile, SandboxGone
from sandboxes.protocol import (
    TREE_BYTES,
    CommandResult,
    DirEntry,
    FileContent,
    FileKind,
    FileStat,
    JobStatus,
    OutputSink,
    TreeChange,
)
from sandboxes.runner.files import FILE_BYTES
from sandboxes.runner.shell import CWD_BYTES
from sandboxes.runner.spool import HEAD_BYTES

# For what the script does around a command.
_GRACE_S = 15.0
_ANSWER_S = 120.0
_ERRORS: dict[str, type[PathError]] = {
    "PathMissing": errors.PathMissing,
    "PathNotAFile": errors.PathNotAFile,
    "PathOutside": errors.PathOutside,
    "PathChanged": errors.PathChanged,
}


class ExecPlace(Protocol):
    """What a container must offer."""

    async def shell(self, script: str, stdin: bytes = b"") -> bytes:
        """Standard output of `/bin/sh -c script`, whose first line of input is empty."""
        ...

    async def lifeline(self, script: str) -> Callable[[], Awaitable[None]]:
        """Start a script whose input ends with this process, or with a call of what is returned."""
        ...

    async def archive(self, path: str, into: Path) -> None:
        """Write a tar file of a directory of the container."""
        ...


@dataclass(slots=True)
class _Job:
    marker: str
    command: str
    started: float
    offset: int = 0
    killed: bool = False


class PlainExec:
    """Implements `sandboxes.channel.operations.Operations`."""

    def __init__(self, place: ExecPlace, workdir: str, scratch: str) -> None:
        self._place = place
        self._workdir = workdir
        self._scratch = scratch
        self._cwd = workdir
        self._shell = "/bin/sh"
        self._prefix = secrets.token_hex(4)
        self._count = 0
        self._jobs: dict[str, _Job] = {}
        self._tree = PlainTree()
        self._lost: str | None = None
        self._let_go: Callable[[], Awaitable[None]] | None = None

    async def init(self, environment: dict[str, str]) -> None:
        """Prepare the scratch directory; raises `SandboxGone` when no shell answers."""
        shell = await self._ask(plain_scripts.prepare(self._workdir, self._scratch, environment))
        if not shell.startswith(b"/"):
            raise SandboxGone("The shell of the image could not prepare the sandbox.")
        self._shell = shell.decode()
        self._let_go = await self._place.lifeline(plain_scripts.lifeline())

    @property
    def lost(self) -> str | None:
        """Why nothing is asked any more; None while the sandbox answers."""
        return self._lost

    async def close(self) -> None:
        """Let go of the container, which then stops."""
        let_go, self._let_go = self._let_go, None
        if let_go is not None:
            await let_go()

    async def run(self, command: str, *, timeout_s: float, on_output: OutputSink | None = None) -> CommandResult:
        """See `sandboxes.protocol.Sandbox.run`."""
        marker, started = self._marker(), time.monotonic()
        try:
            script = plain_scripts.run(command, marker, timeout_s, self._where())
            reply = await self._ask(script, within_s=timeout_s + _GRACE_S)
        except asyncio.CancelledError:
            await self._ask(plain_scripts.sweep(marker, self._scratch))
            raise
        first, _, rest = reply.partition(b"\n")
        fields = first.split()
        if len(fields) != 5:
            raise SandboxGone("The command ended the shell that watched it.")
        with _understood():
            code, total, late, left, length = (int(field) for field in fields)
        if 0 < length <= CWD_BYTES:
            self._cwd = rest[:length].decode("utf-8", "surrogateescape").removesuffix("\n")
        output = rest[length:]
        cut = total > len(output)
        if on_output is not None and output:
            left_out = f"\n[… {total - len(output):,} of {total:,} bytes left out here]\n".encode() if cut else b""
            on_output(output[:HEAD_BYTES] + left_out + output[HEAD_BYTES:])
        return CommandResult(
            exit_code=None if late else code,
            head=output[:HEAD_BYTES] if cut else output,
            tail=output[HEAD_BYTES:] if cut else b"",
            total_bytes=total,
            output_path=f"{self._scratch}/out-{marker}.txt" if cut or left else None,
            timed_out=bool(late),
            duration_s=time.monotonic() - started,
            cwd=self._cwd,
            left_running=left,
        )

    async def start_job(self, command: str) -> JobStatus:
        """See `sandboxes.protocol.Sandbox.start_job`."""
        job = _Job(self._marker(), command, time.monotonic())
        await self._ask(plain_scripts.start_job(command, job.marker, self._where()))
        job_id = f"job-{self._count}"
        self._jobs[job_id] = job
        return await self.poll_job(job_id)

    async def poll_job(self, job_id: str) -> JobStatus:
        """See `sandboxes.protocol.Sandbox.poll_job`."""
        job = self._jobs[job_id]
        reply = await self._ask(plain_scripts.poll_job(job.marker, self._scratch, job.offset))
        first, _, output = reply.partition(b"\n")
        with _understood():
            code, total = first.split()
            job.offset = int(total)
            exit_code = None if code == b"-" else int(code)
        running = exit_code is None and not job.killed
        return JobStatus(
            job_id=job_id,
            state="running" if running else "killed" if job.killed else "exited",
            exit_code=exit_code,
            new_output=output,
            total_bytes=job.offset,
            output_path=f"{self._scratch}/job-{job.marker}.txt",
            command=job.command,
            duration_s=time.monotonic() - job.started,
        )

    async def kill_job(self, job_id: str) -> JobStatus:
        """See `sandboxes.protocol.Sandbox.kill_job`."""
        job = self._jobs[job_id]
        before = await self.poll_job(job_id)
        job.killed = job.killed or before.state == "running"
        await self._ask(plain_scripts.sweep(job.marker, self._scratch))
        after = await self.poll_job(job_id)
        return _joined(before, after)

    async def stat(self, path: str) -> FileStat | None:
        """See `sandboxes.protocol.Sandbox.stat`."""
        full = self._full(path)
        reply = await self._ask(plain_scripts.stat(full))
        return _stat(full, reply) if reply else None

    async def read_file(self, path: str, *, offset: int = 0, limit: int | None = None) -> FileContent:
        """See `sandboxes.protocol.Sandbox.read_file`."""
        full = self._full(path)
        most = FILE_BYTES + 1 if limit is None else min(limit, FILE_BYTES + 1)
        reply = await self._ask(plain_scripts.read(full, offset, most))
        if not reply:
            raise PathMissing(f"{full} does not exist.")
        first, _, data = reply.partition(b"\n")
        found = _stat(full, first)
        if found.kind != "file":
            raise PathNotAFile(f"{full} is not a regular file ({found.kind}).")
        if len(data) > FILE_BYTES:
            raise PathError(f"{full} has more than {FILE_BYTES} bytes; read it in pieces.")
        return FileContent(found, data)

    async def write_file(
        self,
        path: str,
        data: bytes,
        *,
        mode: int | None = None,
        expect: str | None = None,
        within: tuple[str, ...] = (),
    ) -> FileStat:
        """See `sandboxes.protocol.Sandbox.write_file`."""
        full = self._full(path)
        reply = await self._ask(plain_scripts.write(full, len(data), mode, expect, within), data)
        return _stat(full, _accepted(reply))

    async def delete_file(self, path: str, *, within: tuple[str, ...] = ()) -> None:
        """See `sandboxes.protocol.Sandbox.delete_file`."""
        _accepted(await self._ask(plain_scripts.delete(self._full(path), within)))

    async def list_dir(self, path: str, *, depth: int, limit: int) -> tuple[list[DirEntry], int]:
        """See `sandboxes.protocol.Sandbox.list_dir`."""
        reply = _accepted(await self._ask(plain_scripts.listing(self._full(path), depth)))
        entries: list[DirEntry] = []
        with _understood():
            for line in reply.decode("utf-8", "surrogateescape").splitlines():
                mode, size, name = line.split(" ", 2)
                entries.append(DirEntry(name.removeprefix("./"), _kind(int(mode, 16)), int(size)))
        entries.sort(key=lambda entry: entry.path)
        return entries[:limit], len(entries)

    async def scan(self) -> list[TreeChange]:
        """See `sandboxes.protocol.Sandbox.scan`."""
        with tempfile.TemporaryDirectory(prefix="qwright-scan-") as directory:
            archive = Path(directory) / "tree.tar"
            await self._place.archive(self._workdir, archive)
            return await asyncio.to_thread(self._tree.changes, archive)

    async def read_tree(self, paths: list[str], *, most: int = TREE_BYTES) -> list[TreeChange]:
        """See `sandboxes.protocol.Sandbox.read_tree`."""
        with tempfile.TemporaryDirectory(prefix="qwright-tree-") as directory:
            archive = Path(directory) / "tree.tar"
            await self._place.archive(self._workdir, archive)
            return await asyncio.to_thread(pick, archive, paths, most)

    async def _ask(self, script: str, stdin: bytes = b"", within_s: float = _ANSWER_S) -> bytes:
        """Output of a script; one that does not end in time ends the sandbox, because nothing inside did it."""
        if self._lost is not None:
            raise SandboxGone(self._lost)
        deadline = asyncio.timeout(within_s)
        try:
            async with deadline:
                return await self._place.shell(script, stdin)
        except TimeoutError:
            if not deadline.expired():
                raise
        self._lost = f"The sandbox no longer answers: a script in it did not end within {within_s:g} s."
        with contextlib.suppress(TimeoutError, SandboxGone):
            async with asyncio.timeout(_GRACE_S):
                await self._place.shell("read -r _; kill -KILL -1")
        raise SandboxGone(self._lost)

    def _marker(self) -> str:
        self._count += 1
        return f"{self._prefix}-{self._count}-"

    def _where(self) -> tuple[str, str, str, str]:
        return self._shell, self._scratch, self._cwd, self._workdir

    def _full(self, path: str) -> str:
        if not path or "\0" in path or "\n" in path:
            raise PathError(f"{path!r} cannot be used in a sandbox without Python: it is empty or holds a line break.")
        return posixpath.join(self._workdir, path)


@contextlib.contextmanager
def _understood() -> Generator[None]:
    """Replies come from the sandbox's own programs, which whoever works in it can replace."""
    try:
        yield
    except (ValueError, OverflowError) as error:
        raise SandboxGone("A script in the sandbox printed something that is not an answer.") from error


def _kind(mode: int) -> FileKind:
    if stat_bits.S_ISREG(mode):
        return "file"
    if stat_bits.S_ISDIR(mode):
        return "directory"
    return "symlink" if stat_bits.S_ISLNK(mode) else "other"


def _stat(path: str, line: bytes) -> FileStat:
    with _understood():
        mode, size, version, real = line.decode("utf-8", "surrogateescape").rstrip("\n").split(" ", 3)
        bits = int(mode, 16)
        return FileStat(path, real, _kind(bits), int(size), stat_bits.S_IMODE(bits), version)


def _accepted(reply: bytes) -> bytes:
    if reply.startswith(b"! "):
        kind, _, message = reply[2:].decode("utf-8", "replace").strip().partition(" ")
        raise _ERRORS.get(kind, PathError)(message)
    return reply


def _joined(before: JobStatus, after: JobStatus) -> JobStatus:
    """One status with the output of both polls."""
    return JobStatus(
        job_id=after.job_id,
        state=after.state,
        exit_code=after.exit_code,
        new_output=before.new_output + after.new_output,
        total_bytes=after.total_bytes,
        output_path=after.output_path,
        command=after.command,
        duration_s=after.duration_s,
    )
