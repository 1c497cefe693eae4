"""The one contract between the tools and the place where they work.

Every backend (`sandboxes.docker`, `sandboxes.local`) passes the same suite, `tests/contracts/`. Paths are absolute
POSIX paths inside the sandbox. All calls may run concurrently; a cancelled `run` kills what it started.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

FileKind = Literal["file", "directory", "symlink", "other"]
JobState = Literal["running", "exited", "killed"]
# Bytes of one `read_tree`, unless fewer are asked for.
TREE_BYTES = 256 * 1024**2

OutputSink = Callable[[bytes], None]


@dataclass(frozen=True, slots=True)
class CommandResult:
    """What a finished command left.

    `exit_code` is None when the command was killed at its timeout. `head` is the beginning of standard output and
    error in one stream; `tail` is its end and is empty unless `total_bytes` exceeds what both hold. `output_path`
    names the file inside the sandbox with the whole output whenever bytes are missing between head and tail.
    `cwd` is where the next command starts. `left_running` counts processes of the command that still live.
    """

    exit_code: int | None
    head: bytes
    tail: bytes
    total_bytes: int
    output_path: str | None
    timed_out: bool
    duration_s: float
    cwd: str
    left_running: int = 0


@dataclass(frozen=True, slots=True)
class JobStatus:
    """A background job: its state, exit code once it has ended, and output since the last poll."""

    job_id: str
    state: JobState
    exit_code: int | None
    new_output: bytes
    total_bytes: int
    output_path: str
    command: str
    duration_s: float


@dataclass(frozen=True, slots=True)
class FileStat:
    """One path. `real_path` has every link resolved; `version` changes whenever the content may have changed."""

    path: str
    real_path: str
    kind: FileKind
    size: int
    mode: int
    version: str


@dataclass(frozen=True, slots=True)
class FileContent:
    """Bytes of a file and the stat they belong to. `data` is shorter than `stat.size` when a limit cut it."""

    stat: FileStat
    data: bytes


@dataclass(frozen=True, slots=True)
class DirEntry:
    """One entry of a listing: path relative to the listed directory, kind and size in bytes."""

    path: str
    kind: FileKind
    size: int


@dataclass(frozen=True, slots=True)
class TreeChange:
    """One path of a scan, relative to the work directory; `kind` None means that it is gone.

    `data` is filled only by `read_tree`: the file's bytes, or a link's target.
    """

    path: str
    kind: FileKind | None
    mode: int = 0
    size: int = 0
    data: bytes | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """Resources of a sandbox: memory in bytes, CPUs (fractions allowed), processes and threads."""

    memory_bytes: int = 8 * 1024**3
    cpus: float = 0.0
    pids: int = 1024


@dataclass(frozen=True, slots=True)
class Mount:
    """A host directory or file shown inside the sandbox."""

    host: Path
    target: str
    read_only: bool = False


@dataclass(frozen=True, slots=True)
class SandboxSpec:
    """How to make a sandbox.

    `user` is "uid:gid" or None for the image's user. `setup` is a shell line run once at the start whose resulting
    environment is kept for all later commands (activating a conda environment, for instance). `labels` are added
    to those that the backend needs to find what a crash left behind.
    """

    image: str
    workdir: str = "/workspace"
    network: Literal["none", "full"] = "none"
    limits: Limits = field(default_factory=Limits)
    mounts: tuple[Mount, ...] = ()
    user: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    setup: str | None = None
    session_id: str = ""
    labels: Mapping[str, str] = field(default_factory=dict[str, str])


class Sandbox(Protocol):
    """A place to run commands and edit files in.

    Raises `SandboxGone` from any call once the backend has died, and the `PathError` family from file calls.
    """

    @property
    def workdir(self) -> str:
        """Absolute path of the workspace inside the sandbox."""
        ...

    @property
    def scratch(self) -> str:
        """Absolute path of a writable directory outside the workspace, for files that are not part of the result."""
        ...

    @property
    def description(self) -> str:
        """One line for people: backend, image, network, limits."""
        ...

    async def start(self) -> None:
        """Make the sandbox ready; raises `SandboxUnavailable`."""
        ...

    async def close(self) -> None:
        """Remove the sandbox and every process in it; safe to call twice and after a failed start."""
        ...

    async def run(self, command: str, *, timeout_s: float, on_output: OutputSink | None = None) -> CommandResult:
        """Run one shell command line; cwd and exported environment carry over to the next.

        At the timeout the whole process group is killed and what was printed is returned. `on_output` gets the first
        1,048,576 bytes as they come (where the sandbox cannot do so, the beginning and the end of them in one), and a
        line that says where something is left out.
        """
        ...

    async def start_job(self, command: str) -> JobStatus:
        """Start a command in the background, in the current cwd and environment."""
        ...

    async def poll_job(self, job_id: str) -> JobStatus:
        """State and new output of a job; raises `KeyError` for an unknown id."""
        ...

    async def kill_job(self, job_id: str) -> JobStatus:
        """Kill a job's process group; raises `KeyError` for an unknown id."""
        ...

    async def stat(self, path: str) -> FileStat | None:
        """What stands at the path (links followed), or None."""
        ...

    async def read_file(self, path: str, *, offset: int = 0, limit: int | None = None) -> FileContent:
        """Bytes of a regular file; raises `PathMissing` or `PathNotAFile`."""
        ...

    async def write_file(
        self,
        path: str,
        data: bytes,
        *,
        mode: int | None = None,
        expect: str | None = None,
        within: tuple[str, ...] = (),
    ) -> FileStat:
        """Replace a file atomically, making parent directories; an existing file keeps its mode unless `mode` is given.

        `expect` is the `FileStat.version` that must still be on disk, or "" for "nothing may stand there": raises
        `PathChanged` otherwise. `within` are the roots that the resolved path must lie in, checked where the write
        happens: raises `PathOutside`.
        """
        ...

    async def delete_file(self, path: str, *, within: tuple[str, ...] = ()) -> None:
        """Remove a file or link, and then the directories that it leaves empty inside the roots."""
        ...

    async def list_dir(self, path: str, *, depth: int, limit: int) -> tuple[list[DirEntry], int]:
        """Entries down to `depth`, hidden ones left out, sorted; at most `limit`, and how many there are in all."""
        ...

    async def upload(self, archive: Path, target: str) -> None:
        """Unpack a tar file of the host into a directory of the sandbox."""
        ...

    async def scan(self) -> list[TreeChange]:
        """Paths of the workspace that changed since the last scan (all of them the first time), `.git` left out."""
        ...

    async def read_tree(self, paths: list[str], *, most: int = TREE_BYTES) -> list[TreeChange]:
        """The given workspace paths with their bytes or link targets, links not followed.

        A file that does not fit into `most` bytes, together with those before it, comes without its bytes.
        """
        ...
