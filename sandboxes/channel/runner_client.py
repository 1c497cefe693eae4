"""The sandbox operations, spoken to a runner over a channel."""

from typing import TypeGuard, get_args

from sandboxes.channel.channel import Channel, Json, JsonObject
from sandboxes.protocol import (
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

# Paths of one read_tree request; its answer arrives in parts of about a megabyte anyway.
_PATHS_AT_ONCE = 10_000


class RunnerClient:
    """Implements `sandboxes.channel.operations.Operations`."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._fresh = True

    async def init(self, workdir: str, scratch: str, environment: dict[str, str], marker: str) -> JsonObject:
        """First request: where to work, and the unique start of the mark that all processes of this runner carry.

        Gives the runner's Python version and shell.
        """
        fields: JsonObject = {
            "workdir": workdir,
            "scratch": scratch,
            "environment": dict(environment),
            "marker": marker,
        }
        return (await self._channel.request("init", fields))[0]

    async def close(self) -> None:
        """Close the channel; the runner kills what it started and ends."""
        await self._channel.close()

    async def run(self, command: str, *, timeout_s: float, on_output: OutputSink | None = None) -> CommandResult:
        """See `sandboxes.protocol.Sandbox.run`."""
        fields: JsonObject = {"command": command, "timeout": timeout_s, "live": on_output is not None}
        answer, payload = await self._channel.request("run", fields, on_live=on_output)
        head = _int(answer, "head")
        exit_code = answer.get("exit_code")
        path = answer.get("path")
        return CommandResult(
            exit_code=exit_code if isinstance(exit_code, int) else None,
            head=payload[:head],
            tail=payload[head:],
            total_bytes=_int(answer, "total"),
            output_path=path if isinstance(path, str) else None,
            timed_out=bool(answer.get("timed_out")),
            duration_s=_float(answer, "duration"),
            cwd=_str(answer, "cwd"),
            left_running=_int(answer, "left_running"),
        )

    async def start_job(self, command: str) -> JobStatus:
        """See `sandboxes.protocol.Sandbox.start_job`."""
        return _job(*await self._channel.request("job_start", {"command": command}))

    async def poll_job(self, job_id: str) -> JobStatus:
        """See `sandboxes.protocol.Sandbox.poll_job`."""
        return _job(*await self._channel.request("job_poll", {"job": job_id}))

    async def kill_job(self, job_id: str) -> JobStatus:
        """See `sandboxes.protocol.Sandbox.kill_job`."""
        return _job(*await self._channel.request("job_kill", {"job": job_id}))

    async def stat(self, path: str) -> FileStat | None:
        """See `sandboxes.protocol.Sandbox.stat`."""
        answer, _ = await self._channel.request("stat", {"path": path})
        return None if answer.get("stat") is None else _stat(answer)

    async def read_file(self, path: str, *, offset: int = 0, limit: int | None = None) -> FileContent:
        """See `sandboxes.protocol.Sandbox.read_file`."""
        answer, data = await self._channel.request("read", {"path": path, "offset": offset, "limit": limit})
        return FileContent(_stat(answer), data)

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
        answer, _ = await self._channel.request("write", fields, data)
        return _stat(answer)

    async def delete_file(self, path: str, *, within: tuple[str, ...] = ()) -> None:
        """See `sandboxes.protocol.Sandbox.delete_file`."""
        await self._channel.request("delete", {"path": path, "within": list(within)})

    async def list_dir(self, path: str, *, depth: int, limit: int) -> tuple[list[DirEntry], int]:
        """See `sandboxes.protocol.Sandbox.list_dir`."""
        answer, _ = await self._channel.request("list", {"path": path, "depth": depth, "limit": limit})
        entries = [DirEntry(str(name), _kind(kind), _number(size)) for name, kind, size in _rows(answer["entries"], 3)]
        return entries, _int(answer, "total")

    async def scan(self) -> list[TreeChange]:
        """See `sandboxes.protocol.Sandbox.scan`."""
        changes: list[TreeChange] = []

        def take(part: Json, _: bytes) -> None:
            for path, kind, mode, size in _rows(part, 4):
                changes.append(TreeChange(str(path), _kind_or_none(kind), _number(mode), _number(size)))

        # The first scan of a client lists everything, also where a runner was found already at work.
        fresh, self._fresh = self._fresh, False
        await self._channel.request("scan", {"all": fresh}, on_part=take)
        return changes

    async def read_tree(self, paths: list[str]) -> list[TreeChange]:
        """See `sandboxes.protocol.Sandbox.read_tree`."""
        changes: list[TreeChange] = []

        def take(part: Json, payload: bytes) -> None:
            start = 0
            for path, kind, mode, size, length in _rows(part, 5):
                end = start + max(0, _number(length))
                data = None if _number(length) < 0 else payload[start:end]
                changes.append(TreeChange(str(path), _kind_or_none(kind), _number(mode), _number(size), data))
                start = end

        for first in range(0, len(paths), _PATHS_AT_ONCE):
            fields: JsonObject = {"paths": list(paths[first : first + _PATHS_AT_ONCE])}
            await self._channel.request("read_tree", fields, on_part=take)
        return changes


def _job(answer: JsonObject, payload: bytes) -> JobStatus:
    exit_code = answer.get("exit_code")
    state = answer["state"]
    if not _is_state(state):
        raise TypeError(f"unknown job state {state!r}")
    return JobStatus(
        job_id=_str(answer, "job"),
        state=state,
        exit_code=exit_code if isinstance(exit_code, int) else None,
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
    if not isinstance(value, int):
        raise TypeError(f"not a whole number: {value!r}")
    return value


def _int(answer: JsonObject, name: str) -> int:
    return _number(answer[name])


def _float(answer: JsonObject, name: str) -> float:
    value = answer[name]
    if not isinstance(value, (int, float)):
        raise TypeError(f"not a number: {value!r}")
    return float(value)


def _str(answer: JsonObject, name: str) -> str:
    value = answer[name]
    if not isinstance(value, str):
        raise TypeError(f"not a text: {value!r}")
    return value
