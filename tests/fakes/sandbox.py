"""A sandbox that is a folder: files are touched directly, commands run in bash beside the test. Nothing isolates.

It keeps what the tools can see of the protocol (cwd and environment carry over, a timeout kills the group, output is
cut to head and tail, versions follow the content); live output arrives in one piece when the command ends.
"""

import asyncio
import hashlib
import os
import shutil
import signal
import tarfile
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

from sandboxes.errors import PathChanged, PathMissing, PathNotAFile, PathOutside
from sandboxes.protocol import (
    TREE_BYTES,
    CommandResult,
    DirEntry,
    FileContent,
    FileKind,
    FileStat,
    JobState,
    JobStatus,
    OutputSink,
    TreeChange,
)

HEAD_BYTES = 64_000
TAIL_BYTES = 64_000

# Arguments: the command, the directory to start in, the path prefix of the files that carry the state over.
SHELL = """cd "$2" || exit 1
folder_state=$3
[ -f "$folder_state.env" ] && . "$folder_state.env"
trap 'folder_rc=$?; pwd > "$folder_state.cwd"; export -p > "$folder_state.env"; exit $folder_rc' EXIT
eval "$1"
"""


@dataclass(slots=True)
class Job:
    process: asyncio.subprocess.Process
    command: str
    output: Path
    started: float
    shown: int = 0
    killed: bool = False


class FolderSandbox:
    """The `Sandbox` protocol over one host folder; the scratch directory is a second, temporary one."""

    def __init__(self, folder: Path, scratch: Path | None = None) -> None:
        self._folder = folder
        self._own_scratch = scratch is None
        self._scratch = scratch or Path(tempfile.mkdtemp(prefix="folder-sandbox-"))
        self._state = self._scratch / ".state"
        self._cwd = str(folder)
        self._count = 0
        self._jobs: dict[str, Job] = {}
        self._scanned: dict[str, str] = {}

    @property
    def workdir(self) -> str:
        return str(self._folder)

    @property
    def scratch(self) -> str:
        return str(self._scratch)

    @property
    def description(self) -> str:
        return "a plain folder, for tests"

    async def start(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        self._scratch.mkdir(parents=True, exist_ok=True)

    async def close(self) -> None:
        for job_id in self._jobs:
            await self.kill_job(job_id)
        if self._own_scratch:
            shutil.rmtree(self._scratch, ignore_errors=True)

    async def run(self, command: str, *, timeout_s: float, on_output: OutputSink | None = None) -> CommandResult:
        started = time.monotonic()
        process, output = await self._spawn(command)
        timed_out = False
        try:
            await asyncio.wait_for(process.wait(), timeout_s)
        except TimeoutError:
            timed_out = True
        finally:
            if process.returncode is None:
                await _kill_group(process)
        cwd_file = self._state.with_suffix(".cwd")
        if cwd_file.exists():
            self._cwd = cwd_file.read_text().rstrip("\n")
        data = output.read_bytes()
        if on_output is not None and data:
            on_output(data)
        cut = len(data) > HEAD_BYTES + TAIL_BYTES
        return CommandResult(
            exit_code=None if timed_out else process.returncode,
            head=data[:HEAD_BYTES] if cut else data,
            tail=data[-TAIL_BYTES:] if cut else b"",
            total_bytes=len(data),
            output_path=str(output) if cut else None,
            timed_out=timed_out,
            duration_s=time.monotonic() - started,
            cwd=self._cwd,
            left_running=_group_size(process.pid),
        )

    async def start_job(self, command: str) -> JobStatus:
        process, output = await self._spawn(command)
        job_id = str(len(self._jobs) + 1)
        self._jobs[job_id] = Job(process, command, output, time.monotonic())
        return self._status(job_id)

    async def poll_job(self, job_id: str) -> JobStatus:
        return self._status(job_id)

    async def kill_job(self, job_id: str) -> JobStatus:
        job = self._jobs[job_id]
        if job.process.returncode is None:
            job.killed = True
            await _kill_group(job.process)
        return self._status(job_id)

    async def stat(self, path: str) -> FileStat | None:
        return _stat(path)

    async def read_file(self, path: str, *, offset: int = 0, limit: int | None = None) -> FileContent:
        return _read(path, offset, limit)

    async def write_file(
        self,
        path: str,
        data: bytes,
        *,
        mode: int | None = None,
        expect: str | None = None,
        within: tuple[str, ...] = (),
    ) -> FileStat:
        _check_within(path, within)
        before = _stat(path)
        if before is not None and before.kind != "file":
            raise PathNotAFile(f"{path} is a {before.kind}.")
        if expect is not None and expect != (before.version if before else ""):
            raise PathChanged(f"{path} is not the version that was read.")
        target = Path(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f".{target.name[:100]}.part")
        part.write_bytes(data)
        part.chmod(mode if mode is not None else before.mode if before else 0o644)
        part.replace(target)
        return _file_stat(path)

    async def delete_file(self, path: str, *, within: tuple[str, ...] = ()) -> None:
        _check_within(path, within)
        _delete(path, {*within, self.workdir})

    async def list_dir(self, path: str, *, depth: int, limit: int) -> tuple[list[DirEntry], int]:
        entries = sorted(_walk(Path(path), "", depth), key=lambda entry: entry.path)
        return entries[:limit], len(entries)

    async def upload(self, archive: Path, target: str) -> None:
        _unpack(archive, target)

    async def scan(self) -> list[TreeChange]:
        now = {
            entry.path: entry
            for entry in _walk(self._folder, "", 64, hidden=True)
            if entry.kind != "directory" and not entry.path.startswith(".git/")
        }
        versions = {path: _link_version(self._folder / path) for path in now}
        changed = [
            TreeChange(path, now[path].kind, _mode(self._folder / path), now[path].size)
            for path in sorted(now)
            if versions[path] != self._scanned.get(path)
        ]
        gone = [TreeChange(path, None) for path in sorted(set(self._scanned) - set(now))]
        self._scanned = versions
        return changed + gone

    async def read_tree(self, paths: list[str], *, most: int = TREE_BYTES) -> list[TreeChange]:
        entries: list[TreeChange] = []
        for path in paths:
            entry = _tree_entry(self._folder, path)
            size = len(entry.data or b"") if entry.kind == "file" else 0
            entries.append(replace(entry, data=None) if size > most else entry)
            most -= size if size <= most else 0
        return entries

    async def _spawn(self, command: str) -> tuple[asyncio.subprocess.Process, Path]:
        self._count += 1
        output = self._scratch / f"output-{self._count}.log"
        with output.open("wb") as sink:
            process = await asyncio.create_subprocess_exec(
                "bash",
                "-c",
                SHELL,
                "bash",
                command,
                self._cwd,
                str(self._state),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=sink,
                stderr=sink,
                start_new_session=True,
            )
        return process, output

    def _status(self, job_id: str) -> JobStatus:
        job = self._jobs[job_id]
        data = job.output.read_bytes()
        fresh, job.shown = data[job.shown :], len(data)
        code = job.process.returncode
        state: JobState = "running" if code is None else "killed" if job.killed else "exited"
        return JobStatus(
            job_id=job_id,
            state=state,
            exit_code=code if state == "exited" else None,
            new_output=fresh,
            total_bytes=len(data),
            output_path=str(job.output),
            command=job.command,
            duration_s=time.monotonic() - job.started,
        )


async def _kill_group(process: asyncio.subprocess.Process) -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    await process.wait()


def _group_size(group: int) -> int:
    count = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text(errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        count += fields[0] != "Z" and int(fields[2]) == group
    return count


def _kind(path: Path) -> FileKind:
    if path.is_symlink():
        return "symlink"
    if path.is_dir():
        return "directory"
    return "file" if path.is_file() else "other"


def _stat(path: str) -> FileStat | None:
    try:
        info = os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    real = os.path.realpath(path)
    kind = _kind(Path(real))
    content = Path(path).read_bytes() if kind == "file" and info.st_size < 1 << 24 else str(info.st_mtime_ns).encode()
    version = f"{info.st_size}-{hashlib.sha256(content).hexdigest()[:16]}"
    return FileStat(path, real, kind, info.st_size, info.st_mode & 0o7777, version)


def _file_stat(path: str) -> FileStat:
    found = _stat(path)
    if found is None:
        raise PathMissing(f"Nothing stands at {path}.")
    if found.kind != "file":
        raise PathNotAFile(f"{path} is a {found.kind}.")
    return found


def _check_within(path: str, within: tuple[str, ...]) -> None:
    real = Path(os.path.realpath(path))
    if within and not any(real.is_relative_to(os.path.realpath(root)) for root in within):
        raise PathOutside(f"{path} lies outside {', '.join(within)}.")


def _read(path: str, offset: int, limit: int | None) -> FileContent:
    found = _file_stat(path)
    with Path(path).open("rb") as file:
        file.seek(offset)
        return FileContent(found, file.read(-1 if limit is None else limit))


def _delete(path: str, roots: set[str]) -> None:
    if not os.path.lexists(path):
        raise PathMissing(f"Nothing stands at {path}.")
    Path(path).unlink()
    parent = Path(path).parent
    while str(parent) not in roots and not any(parent.iterdir()):
        parent.rmdir()
        parent = parent.parent


def _unpack(archive: Path, target: str) -> None:
    Path(target).mkdir(parents=True, exist_ok=True)
    with tarfile.open(archive) as tar:
        tar.extractall(target, filter="data")


def _walk(folder: Path, prefix: str, depth: int, *, hidden: bool = False) -> list[DirEntry]:
    found: list[DirEntry] = []
    for item in folder.iterdir():
        if item.name.startswith(".") and (not hidden or item.name == ".git"):
            continue
        kind = _kind(item)
        found.append(DirEntry(prefix + item.name, kind, item.lstat().st_size))
        if kind == "directory" and depth > 1:
            found += _walk(item, f"{prefix}{item.name}/", depth - 1, hidden=hidden)
    return found


def _mode(path: Path) -> int:
    return path.lstat().st_mode & 0o7777


def _link_version(path: Path) -> str:
    content = os.readlink(path).encode() if path.is_symlink() else path.read_bytes()
    return f"{_mode(path)}-{hashlib.sha256(content).hexdigest()}"


def _tree_entry(folder: Path, path: str) -> TreeChange:
    full = folder / path
    if not os.path.lexists(full):
        return TreeChange(path, None)
    kind = _kind(full)
    data = os.readlink(full).encode() if kind == "symlink" else full.read_bytes() if kind == "file" else None
    return TreeChange(path, kind, _mode(full), full.lstat().st_size, data)
