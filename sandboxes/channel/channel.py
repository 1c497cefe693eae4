"""The host's end of the runner: requests matched with answers over one byte stream.

The sandbox is not trusted: a frame that is malformed or too large ends the channel, and so does silence, because
whatever runs inside can stop the runner.
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
# What the runner keeps to, with room: it cuts its lists at 4 MiB and refuses files over 64 MiB.
_JSON_LIMIT = 8 * 1024**2
_PAYLOAD_LIMIT = 80 * 1024**2
_MESSAGE_LIMIT = 4000
_ANSWER_S = 120.0
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
    live_error: Exception | None = None


class Channel:
    """Requests to one runner. Raises `SandboxGone` from every call once the stream has ended."""

    def __init__(self, source: ByteSource, sink: ByteSink) -> None:
        self._source = source
        self._sink = sink
        self._pending: dict[int, _Pending] = {}
        self._next_id = 1
        self._lost: str | None = None
        self.given_up = False
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
        within_s: float = _ANSWER_S,
    ) -> tuple[JsonObject, bytes]:
        """Ask and wait for the answer, at most `within_s`: after that the channel counts as lost.

        `on_part` gets the pieces of a long answer, and what it raises ends the channel; `on_live` gets a command's
        output as it appears, and what it raises ends this request. When the caller is cancelled the request is
        cancelled in the runner too, and its end is awaited.
        """
        if self._lost is not None:
            raise SandboxGone(self._lost)
        request_id, self._next_id = self._next_id, self._next_id + 1
        pending = _Pending(asyncio.get_running_loop().create_future(), on_part, on_live)
        self._pending[request_id] = pending
        try:
            self._send({**(fields or {}), "id": request_id, "op": operation}, payload)
            try:
                answer = await self._answer(pending, operation, within_s)
            except asyncio.CancelledError:
                await self._cancel(request_id, pending)
                raise
        finally:
            self._pending.pop(request_id, None)
            if pending.answer.done() and not pending.answer.cancelled():
                pending.answer.exception()
        if pending.live_error is not None:
            raise pending.live_error
        return answer

    def broken(self, error: Exception) -> SandboxGone:
        """End the channel because an answer made no sense; gives the error to raise."""
        return self._give_up(f"The runner inside the sandbox sent something that is not an answer: {_shown(error)}.")

    async def _answer(self, pending: _Pending, operation: str, within_s: float) -> tuple[JsonObject, bytes]:
        deadline = asyncio.timeout(within_s)
        try:
            # Also the sending: a runner that was stopped reads nothing any more.
            async with deadline:
                await self._drain()
                return await asyncio.shield(pending.answer)
        except TimeoutError:
            if not deadline.expired():
                raise
        raise self._give_up(
            f"The sandbox no longer answers: nothing came within {within_s:g} s of the request {operation!r}."
        )

    def _give_up(self, reason: str) -> SandboxGone:
        """End the channel from this side; `given_up` tells that from an end inside."""
        self.given_up = self.given_up or self._lost is None
        self._lose(reason)
        self._sink.close()
        return SandboxGone(self._lost)

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
        except Exception as error:  # noqa: BLE001 -- whatever a frame provokes here, those who wait must learn of it
            self.broken(error)

    def _deliver(self, fields: JsonObject, payload: bytes) -> None:
        request_id = fields["id"]
        pending = self._pending.get(request_id) if isinstance(request_id, int) else None
        if pending is None or pending.answer.done():
            return
        if fields.get("live"):
            self._live(pending, payload)
        elif "part" in fields:
            if pending.on_part is not None:
                pending.on_part(fields["part"], payload)
        elif "error" in fields:
            kind = _ERRORS.get(str(fields["error"]), SandboxError)
            message = str(fields.get("message", ""))[:_MESSAGE_LIMIT]
            pending.answer.set_exception(kind(message.encode("utf-8", "backslashreplace").decode()))
        else:
            answer = fields["ok"]
            if not isinstance(answer, dict):
                raise TypeError("an answer without fields")
            pending.answer.set_result((answer, payload))

    def _live(self, pending: _Pending, output: bytes) -> None:
        """A sink that fails must fail its own request, not the stream that all requests share."""
        if pending.on_live is not None and pending.live_error is None:
            try:
                pending.on_live(output)
            except Exception as error:  # noqa: BLE001 -- raised again from the request that the sink belongs to
                pending.live_error = error

    def _lose(self, reason: str) -> None:
        if self._lost is None:
            self._lost = reason
        for pending in self._pending.values():
            if not pending.answer.done():
                pending.answer.set_exception(SandboxGone(self._lost))


def _shown(error: Exception) -> str:
    text = f"{type(error).__name__}: {str(error)[:200]}"
    return text.encode("utf-8", "backslashreplace").decode()
