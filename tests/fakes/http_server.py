"""A tiny HTTP server that answers as the test says: any status, any bytes, in pieces, late, cut or reset."""

import asyncio
import contextlib
import json
import socket
import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import TypeAlias


class Reset:
    """The connection is reset here."""


class Hang:
    """Nothing more comes until the client goes away."""


Step: TypeAlias = bytes | float | type[Reset] | type[Hang]


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer. `steps` are pieces of the body, pauses in seconds, `Hang` and `Reset`.

    `announced` is a Content-Length to claim; without it the body is chunked. With `headless` nothing is sent before the
    first step, which is then the raw beginning of the answer.
    """

    steps: Sequence[Step] = ()
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: {"content-type": "text/event-stream; charset=utf-8"})
    announced: int | None = None
    headless: bool = False


@dataclass(slots=True)
class Request:
    """What a client sent. `gone` is set when it closes the connection."""

    path: str
    headers: dict[str, str]
    body: bytes
    gone: asyncio.Event = field(default_factory=asyncio.Event)

    def json(self) -> object:
        return json.loads(self.body)


class HttpServer:
    """`async with HttpServer([Reply(...), ...]) as server:` gives `server.url`; the last reply repeats.

    Instead of replies in order there can be a function that answers each request.
    """

    def __init__(self, replies: "Sequence[Reply] | Callable[[Request], Reply]") -> None:
        self._answer_with = replies if callable(replies) else _in_order(replies)
        self._server: asyncio.Server | None = None
        self._handlers: set[asyncio.Task[None]] = set()
        self.requests: list[Request] = []
        self.connections = 0
        self.arrived = asyncio.Event()
        self.url = ""

    async def __aenter__(self) -> "HttpServer":
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        port = self._server.sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{port}/v1"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.close()
        for handler in self._handlers:
            handler.cancel()
        await asyncio.gather(*self._handlers, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        handler = asyncio.current_task()
        assert handler is not None
        self._handlers.add(handler)
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                while request := await self._receive(reader):
                    await self._answer(request, reader, writer)
        finally:
            self._handlers.discard(handler)
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    async def _receive(self, reader: asyncio.StreamReader) -> Request | None:
        head = await reader.readuntil(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
        request = Request(
            first.split(" ")[1], headers, await reader.readexactly(int(headers.get("content-length", "0")))
        )
        self.requests.append(request)
        self.arrived.set()
        return request

    async def _answer(self, request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        reply = self._answer_with(request)
        watcher = asyncio.create_task(_watch(reader, request))
        try:
            await _send(reply, request, writer)
        finally:
            watcher.cancel()
            await asyncio.gather(watcher, return_exceptions=True)
        if request.gone.is_set():
            raise ConnectionResetError("the client went away")


def _in_order(replies: Sequence[Reply]) -> Callable[[Request], Reply]:
    left = iter(replies)
    last = replies[-1] if replies else Reply()
    return lambda request: next(left, last)


async def _watch(reader: asyncio.StreamReader, request: Request) -> None:
    """Wait for the end of the client's side; it sends nothing while it waits for an answer."""
    try:
        while await reader.read(1):
            pass
    except ConnectionError:
        pass
    request.gone.set()


async def _send(reply: Reply, request: Request, writer: asyncio.StreamWriter) -> None:
    chunked = reply.announced is None and not reply.headless
    if not reply.headless:
        length = {"transfer-encoding": "chunked"} if chunked else {"content-length": str(reply.announced)}
        lines = [f"{name}: {value}" for name, value in {**reply.headers, **length}.items()]
        writer.write("\r\n".join([f"HTTP/1.1 {reply.status} X", *lines, "", ""]).encode("latin-1"))
    for step in reply.steps:
        if step is Reset:
            await writer.drain()
            raw: socket.socket = writer.get_extra_info("socket")
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()
            raise ConnectionResetError("reset, as the test says")
        if step is Hang:
            await request.gone.wait()
        elif isinstance(step, bytes):
            writer.write(b"%x\r\n%s\r\n" % (len(step), step) if chunked else step)
            await writer.drain()
        elif isinstance(step, float):
            await asyncio.sleep(step)
    if not chunked:
        raise ConnectionResetError("an answer without chunks ends with its connection")
    writer.write(b"0\r\n\r\n")
    await writer.drain()
