"""The host's end of the runner: requests matched with answers over one byte stream.

The sandbox is not trusted: a frame that is malformed or too large ends the channel.
"""

import asyncio
import contextlib
import json
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from sandboxes import errors
from sandboxes.errors import SandboxError, SandboxGone

Json = str | int | float | bool | None | list["Json"] | dict[str, "Json"]
JsonObject = dict[str, Json]
PartSink = Callable[[Json, bytes], None]

_HEADER = struct.Struct(">II")
_JSON_LIMIT = 64 * 1024 * 1024
_PAYLOAD_LIMIT = 2 * 1024**3
_CANCEL_WAIT_S = 3.0
_ERRORS: dict[str, type[Exception]] = {
    "KeyError": KeyError,
    "PathError": errors.PathError,
    "PathMissing": errors.PathMissing,
    "PathNotAFile": errors.PathNotAFile,
    "PathOutside": errors.PathOutside,
    "PathChanged": errors.PathChanged,
}


class ByteSource(Protocol):
    """Where answers come from; `asyncio.StreamReader` is one."""

    async def readexactly(self, n: int, /) -> bytes:
        """Exactly n bytes; raises `asyncio.IncompleteReadError` or `OSError` at the end."""
        ...


class ByteSink(Protocol):
    """Where requests go; `asyncio.StreamWriter` is one."""

    def write(self, data: bytes, /) -> None:
        """Queue bytes."""
        ...

    async def drain(self) -> None:
        """Wait until the queue is short."""
        ...

    def close(self) -> None:
        """Close this direction."""
        ...


@dataclass(slots=True)
class _Pending:
    answer: asyncio.Future[tuple[JsonObject, bytes]]
    on_part: PartSink | None = None
    on_live: Callable[[bytes], None] | None = None
    parts_error: Exception | None = None


class Channel:
    """Requests to one runner. Raises `SandboxGone` from every call once the stream has ended."""

    def __init__(self, source: ByteSource, sink: ByteSink) -> None:
        self._source = source
        self._sink = sink
        self._pending: dict[int, _Pending] = {}
        self._next_id = 1
        self._lost: str | None = None
        self._reader: asyncio.Task[None] | None = None

    def open(self, preamble: bytes = b"") -> None:
        """Send what must precede the first request and start to read answers; ends with `close`."""
        self._sink.write(preamble)
        self._reader = asyncio.get_running_loop().create_task(self._read(), name="sandbox-channel")

    @property
    def lost(self) -> str | None:
        """Why the stream ended; None while it lives."""
        return self._lost

    async def close(self) -> None:
        """End the stream, and with it the runner; pending requests raise `SandboxGone`. Safe to call twice."""
        self._sink.close()
        reader, self._reader = self._reader, None
        if reader is not None:
            reader.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await reader
        self._lose("The sandbox was closed.")

    async def request(
        self,
        operation: str,
        fields: Mapping[str, Json] | None = None,
        payload: bytes = b"",
        *,
        on_part: PartSink | None = None,
        on_live: Callable[[bytes], None] | None = None,
    ) -> tuple[JsonObject, bytes]:
        """Ask and wait for the answer.

        `on_part` gets the pieces of a long answer, `on_live` a command's output as it appears. When the caller is
        cancelled the request is cancelled in the runner too, and its end is awaited.
        """
        if self._lost is not None:
            raise SandboxGone(self._lost)
        request_id, self._next_id = self._next_id, self._next_id + 1
        pending = _Pending(asyncio.get_running_loop().create_future(), on_part, on_live)
        self._pending[request_id] = pending
        try:
            self._send({**(fields or {}), "id": request_id, "op": operation}, payload)
            try:
                await self._drain()
                answer = await asyncio.shield(pending.answer)
            except asyncio.CancelledError:
                await self._cancel(request_id, pending)
                raise
        finally:
            self._pending.pop(request_id, None)
            if pending.answer.done() and not pending.answer.cancelled():
                pending.answer.exception()
        if pending.parts_error is not None:
            raise pending.parts_error
        return answer

    async def _cancel(self, request_id: int, pending: _Pending) -> None:
        if pending.answer.done() or self._lost is not None:
            return
        cancel_id, self._next_id = self._next_id, self._next_id + 1
        self._send({"id": cancel_id, "op": "cancel", "target": request_id}, b"")
        await asyncio.wait([pending.answer], timeout=_CANCEL_WAIT_S)

    def _send(self, fields: JsonObject, payload: bytes) -> None:
        text = json.dumps(fields).encode()
        self._sink.write(_HEADER.pack(len(text), len(payload)) + text)
        if payload:
            self._sink.write(payload)

    async def _drain(self) -> None:
        try:
            await self._sink.drain()
        except OSError as error:
            self._lose(f"The connection to the runner broke ({error}).")

    async def _read(self) -> None:
        try:
            while True:
                text_size, payload_size = _HEADER.unpack(await self._source.readexactly(_HEADER.size))
                if text_size > _JSON_LIMIT or payload_size > _PAYLOAD_LIMIT:
                    raise ValueError(f"a frame of {text_size} and {payload_size} bytes")
                text = await self._source.readexactly(text_size)
                payload = await self._source.readexactly(payload_size) if payload_size else b""
                self._deliver(json.loads(text), payload)
        except (asyncio.IncompleteReadError, OSError):
            self._lose("The runner inside the sandbox ended.")
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            self._lose(f"The runner inside the sandbox sent something that is not an answer: {error}.")
            self._sink.close()

    def _deliver(self, fields: JsonObject, payload: bytes) -> None:
        request_id = fields["id"]
        pending = self._pending.get(request_id) if isinstance(request_id, int) else None
        if pending is None or pending.answer.done():
            return
        if fields.get("live"):
            self._guarded(pending, lambda: pending.on_live and pending.on_live(payload))
        elif "part" in fields:
            self._guarded(pending, lambda: pending.on_part and pending.on_part(fields["part"], payload))
        elif "error" in fields:
            kind = _ERRORS.get(str(fields["error"]), SandboxError)
            pending.answer.set_exception(kind(str(fields.get("message", ""))))
        else:
            answer = fields["ok"]
            if not isinstance(answer, dict):
                raise TypeError("an answer without fields")
            pending.answer.set_result((answer, payload))

    def _guarded(self, pending: _Pending, deliver: Callable[[], object]) -> None:
        """A sink that fails must fail its own request, not the stream that all requests share."""
        if pending.parts_error is None:
            try:
                deliver()
            except Exception as error:  # noqa: BLE001 -- raised again from the request that the sink belongs to
                pending.parts_error = error

    def _lose(self, reason: str) -> None:
        if self._lost is None:
            self._lost = reason
        for pending in self._pending.values():
            if not pending.answer.done():
                pending.answer.set_exception(SandboxGone(self._lost))
