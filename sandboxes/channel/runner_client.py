"""The sandbox operations, spoken to a runner over a channel."""

import math
from collections.abc import Callable
from typing import TypeGuard, TypeVar, get_args

from sandboxes.channel.channel import Channel, Json, JsonObject
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
from sandboxes.runner.shell import CWD_BYTES

T = TypeVar("T")

# Paths of one read_tree request; its answer arrives in parts of about a megabyte anyway.
_PATHS_AT_ONCE = 10_000
# For what the runner does around a command: killing what it started, reading the state that it left.
_GRACE_S = 15.0
_ANSWER_S = 120.0
_TREE_S = 300.0
# Targets of links come besides the bytes of files.
_LINK_BYTES = 144 * 1024**2
_TREE_ROWS = 5_000_000
_OF_JOBS = ("job_start", "job_poll", "job_kill")


class RunnerClient:
    """Implements `sandboxes.channel.operations.Operations`."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._fresh = True

    async def init(
        self, workdir: str, scratch: str, environment: dict[str, str], marker: str, *, alone: bool = False
    ) -> JsonObject:
        """First request: where to work, and the unique start of the mark that all processes of this runner carry.

        `alone`: the runner is in a container of its own, which is to stop when the channel ends.
        Gives the runner's Python version and shell.
        """
        fields: JsonObject = {
            "workdir": workdir,
            "scratch": scratch,
            "environment": dict(environment),
            "marker": marker,
            "alone": alone,
        }
        return (await self._channel.request("init", fields))[0]

    @property
    def lost(self) -> str | None:
        """Why nothing is asked any more, if that was decided here; None otherwise."""
        return self._channel.lost if self._channel.given_up else None

    async def close(self) -> None:
        """Close the channel; the runner kills what it started and ends."""
        await self._channel.close()

    async def run(self, command: str, *, timeout_s: float, on_output: OutputSink | None = None) -> CommandResult:
        """See `sandboxes.protocol.Sandbox.run`."""
        fields: JsonObject = {"command": command, "timeout": timeout_s, "live": on_output is not None}
        within_s = timeout_s + _GRACE_S
        return await self._ask("run", fields, _result, on_live=on_output, within_s=within_s)

    async def start_job(self, command: str) -> JobStatus:
        """See `sandboxes.protocol.Sandbox.start_job`."""
        return await self._ask("job_start", {"command": command}, _job)

    async def poll_job(self, job_id: str) -> JobStatus:
        """See `sandboxes.protocol.Sandbox.poll_job`."""
        return await self._ask("job_poll", {"job": job_id}, _job)

    async def kill_job(self, job_id: str) -> JobStatus:
        """See `sandboxes.protocol.Sandbox.kill_job`."""
        return await self._ask("job_kill", {"job": job_id}, _job)

    async def stat(self, path: str) -> FileStat | None:
        """See `sandboxes.protocol.Sandbox.stat`."""
        return await self._ask("stat", {"path": path}, lambda it, _: None if it.get("stat") is None else _stat(it))

    async def read_file(self, path: str, *, offset: int = 0, limit: int | None = None) -> FileContent:
        """See `sandboxes.protocol.Sandbox.read_file`."""
        fields: JsonObject = {"path": path, "offset": offset, "limit": limit}
        return await self._ask("read", fields, lambda it, data: FileContent(_stat(it), data))

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
        fields: JsonObject = {"path": path, "mode": mode, "expect": expect, "within": list(within)}
        return await self._ask("write", fields, lambda it, _: _stat(it), data)

    async def delete_file(self, path: str, *, within: tuple[str, ...] = ()) -> None:
        """See `sandboxes.protocol.Sandbox.delete_file`."""
        await self._channel.request("delete", {"path": path, "within": list(within)})

    async def list_dir(self, path: str, *, depth: int, limit: int) -> tuple[list[DirEntry], int]:
        """See `sandboxes.protocol.Sandbox.list_dir`."""
        return await self._ask("list", {"path": path, "depth": depth, "limit": limit}, _listing)

    async def scan(self) -> list[TreeChange]:
        """See `sandboxes.protocol.Sandbox.scan`."""
        changes: list[TreeChange] = []

        def take(part: Json, _: bytes) -> None:
            for path, kind, mode, size in _rows(part, 4):
                changes.append(TreeChange(_text(path), _kind_or_none(kind), _number(mode), _number(size)))
            if len(changes) > _TREE_ROWS:
                raise ValueError("a scan without end")

        # The first scan of a client lists everything, also where a runner was found already at work.
        fresh, self._fresh = self._fresh, False
        await self._channel.request("scan", {"all": fresh}, on_part=take, within_s=_TREE_S)
        return changes

    async def read_tree(self, paths: list[str], *, most: int = TREE_BYTES) -> list[TreeChange]:
        """See `sandboxes.protocol.Sandbox.read_tree`."""
        changes: list[TreeChange] = []

        received = 0

        def take(part: Json, payload: bytes) -> None:
            nonlocal received
            start = 0
            received += len(payload)
            if received > most + _LINK_BYTES or len(changes) > len(paths):
                raise ValueError("more than was asked for")
            for path, kind, mode, size, length in _rows(part, 5):
                end = start + max(0, _number(length))
                data = None if _number(length) < 0 else payload[start:end]
                changes.append(TreeChange(_text(path), _kind_or_none(kind), _number(mode), _number(size), data))
                start = end

        for first in range(0, len(paths), _PATHS_AT_ONCE):
            fields: JsonObject = {"paths": list(paths[first : first + _PATHS_AT_ONCE]), "most": most}
            received = 0
            await self._channel.request("read_tree", fields, on_part=take, within_s=_TREE_S)
        return changes

    async def _ask(
        self,
        operation: str,
        fields: JsonObject,
        convert: Callable[[JsonObject, bytes], T],
        payload: bytes = b"",
        *,
        on_live: OutputSink | None = None,
        within_s: float = _ANSWER_S,
    ) -> T:
        """The converted answer; one that cannot be converted ends the channel."""
        try:
            answer, data = await self._channel.request(operation, fields, payload, on_live=on_live, within_s=within_s)
        except KeyError as error:
            if operation not in _OF_JOBS:
                raise self._channel.broken(error) from error
            raise
        try:
            return convert(answer, data)
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise self._channel.broken(error) from error


def _result(answer: JsonObject, payload: bytes) -> CommandResult:
    head = _int(answer, "head")
    exit_code = answer.get("exit_code")
    path = answer.get("path")
    return CommandResult(
        exit_code=None if exit_code is None else _number(exit_code),
        head=payload[:head],
        tail=payload[head:],
        total_bytes=_int(answer, "total"),
        output_path=None if path is None else _text(path),
        timed_out=bool(answer.get("timed_out")),
        duration_s=_float(answer, "duration"),
        cwd=_directory(_str(answer, "cwd")),
        left_running=_int(answer, "left_running"),
    )


def _directory(path: str) -> str:
    if len(path.encode("utf-8", "surrogateescape")) > CWD_BYTES:
        raise ValueError("a directory with a name longer than any")
    return path


def _listing(answer: JsonObject, _: bytes) -> tuple[list[DirEntry], int]:
    entries = [DirEntry(_text(name), _kind(kind), _number(size)) for name, kind, size in _rows(answer["entries"], 3)]
    return entries, _int(answer, "total")


def _job(answer: JsonObject, payload: bytes) -> JobStatus:
    exit_code = answer.get("exit_code")
    state = answer["state"]
    if not _is_state(state):
        raise TypeError(f"unknown job state {state!r}")
    return JobStatus(
        job_id=_str(answer, "job"),
        state=state,
        exit_code=None if exit_code is None else _number(exit_code),
        new_output=payload,
        total_bytes=_int(answer, "total"),
        output_path=_str(answer, "path"),
        command=_str(answer, "command"),
        duration_s=_float(answer, "duration"),
    )


def _stat(answer: JsonObject) -> FileStat:
    row = answer["stat"]
    if not isinstance(row, dict):
        raise TypeError("an answer without stat")
    return FileStat(
        path=_str(row, "path"),
        real_path=_str(row, "real_path"),
        kind=_kind(row["kind"]),
        size=_int(row, "size"),
        mode=_int(row, "mode"),
        version=_str(row, "version"),
    )


def _rows(value: Json, width: int) -> list[list[Json]]:
    if not isinstance(value, list):
        raise TypeError("an answer without rows")
    rows = [row for row in value if isinstance(row, list) and len(row) == width]
    if len(rows) != len(value):
        raise TypeError("a row of the wrong width")
    return rows


def _is_kind(value: Json) -> TypeGuard[FileKind]:
    return value in get_args(FileKind)


def _is_state(value: Json) -> TypeGuard[JobState]:
    return value in get_args(JobState)


def _kind(value: Json) -> FileKind:
    if not _is_kind(value):
        raise TypeError(f"unknown file kind {value!r}")
    return value


def _kind_or_none(value: Json) -> FileKind | None:
    return None if value is None else _kind(value)


def _number(value: Json) -> int:
    if not isinstance(value, int) or abs(value) >= 2**63:
        raise TypeError("not a whole number of 64 bits")
    return value


def _int(answer: JsonObject, name: str) -> int:
    return _number(answer[name])


def _float(answer: JsonObject, name: str) -> float:
    value = answer[name]
    if not isinstance(value, (int, float)) or not math.isfinite(value):
        raise TypeError(f"{name} is not a number")
    return float(value)


def _text(value: Json) -> str:
    """A text that has bytes: JSON can also write halves of characters, which no path and no output ever holds."""
    if not isinstance(value, str):
        raise TypeError("not a text")
    value.encode("utf-8", "surrogateescape")
    return value


def _str(answer: JsonObject, name: str) -> str:
    return _text(answer[name])
