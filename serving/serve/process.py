"""A server as a process group of its own, and what is remembered of it between two commands."""

import json
import os
import select
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import cast

from serving.serve.errors import ServeError

TERM_SECONDS = 30.0
"""vLLM ends its workers and frees the GPUs first; that takes seconds."""
KILL_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Record:
    """A server that was started. `started` is the process's own start time, so that a reused id is not taken for it."""

    port: int
    pid: int
    started: str
    base_url: str
    source: str
    log: str
    since: float
    ready: bool = False

    @property
    def alive(self) -> bool:
        """Whether that very process runs."""
        return start_time(self.pid) == self.started


class Records:
    """The servers that were started from here, one file a port in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def log_path(self, port: int) -> Path:
        """Where a server's output goes."""
        return self.folder / f"{port}.log"

    def save(self, record: Record) -> None:
        """Remember a server."""
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f"{record.port}.json"
        new = path.with_suffix(".new")
        new.write_text(json.dumps(asdict(record)))
        new.replace(path)

    def forget(self, port: int) -> None:
        """Remember it no more; the log stays."""
        (self.folder / f"{port}.json").unlink(missing_ok=True)

    def all(self) -> list[Record]:
        """Every server remembered, also those that have ended since; by port."""
        found = [record for path in self.folder.glob("*.json") if (record := _read(path)) is not None]
        return sorted(found, key=lambda record: record.port)

    def at(self, port: int) -> Record | None:
        """The server of a port."""
        return next((record for record in self.all() if record.port == port), None)


def _read(path: Path) -> Record | None:
    try:
        loaded: object = json.loads(path.read_text())
        return Record(**cast("dict[str, object]", loaded))  # pyright: ignore[reportArgumentType]  # written by `save`
    except (OSError, ValueError, TypeError):
        return None


def launch(command: Sequence[str], environment: Mapping[str, str], log: Path) -> "subprocess.Popen[bytes]":
    """Start it, apart from the terminal: neither its Ctrl-C nor its end reach the server. Raises `ServeError`."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        try:
            return subprocess.Popen(
                command,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            raise ServeError(
                f"{command[0]} cannot be run ({error.strerror}); name vLLM's executable with --vllm."
            ) from error


def start_time(pid: int) -> str:
    """When a process started, in words that only equality is good for; "" when there is none or it is a zombie."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return "" if fields[0] == "Z" else fields[19]
    except FileNotFoundError:
        if Path("/proc/self/stat").exists():
            return ""
    except OSError:
        return ""
    asked = ["ps", "-o", "stat=,lstart=", "-p", str(pid)]
    said = subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()
    return "" if said.startswith("Z") else said.partition(" ")[2]


def stop(record: Record, child: "subprocess.Popen[bytes] | None" = None, patience_s: float = TERM_SECONDS) -> bool:
    """End the whole group: asked first, then killed. `child` is the process if it is one of ours. False: none ran."""
    if not record.alive:
        if child is not None:
            child.wait()
            # Of one that has just ended by itself, workers may be left.
            _signal(record.pid, signal.SIGKILL)
        return False
    _signal(record.pid, signal.SIGTERM)
    if not _ended(record, child, patience_s):
        _signal(record.pid, signal.SIGKILL)
        _ended(record, child, KILL_SECONDS)
    # Workers that outlived their leader are still in its group.
    _signal(record.pid, signal.SIGKILL)
    return True


def _signal(group: int, number: signal.Signals) -> None:
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        # macOS says "not permitted" of a group of which only a zombie is left.
        return


def _ended(record: Record, child: "subprocess.Popen[bytes] | None", seconds: float) -> bool:
    if child is not None:
        try:
            child.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True
    if hasattr(os, "pidfd_open"):
        try:
            descriptor = os.pidfd_open(record.pid)
        except ProcessLookupError:
            return True
        try:
            return bool(select.select([descriptor], [], [], seconds)[0])
        finally:
            os.close(descriptor)
    # Without pidfd (macOS) the end of a process that is no child can only be asked for.
    deadline = time.monotonic() + seconds
    while record.alive and time.monotonic() < deadline:
        time.sleep(0.1)
    return not record.alive
