"""A server that gives recorded answers over real HTTP, streamed event by event as vLLM does. Loopback only."""

import asyncio
import contextlib
import json
import threading
from collections.abc import Generator
from http import HTTPStatus

from cli.demo.recorded import Recording, answers_given, events_of
from cli.demo.wire import Request, Unreadable, read_request, send_chunk, send_json, start_stream

HOST = "127.0.0.1"
CHAT = "/v1/chat/completions"


class RecordedServer:
    """Answer number k goes to the request with k assistant messages after the user's. `pace_s` lies between events."""

    def __init__(self, recording: Recording, pace_s: float = 0.0) -> None:
        self._recording = recording
        self._pace_s = pace_s
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()
        self.base_url = ""

    @property
    def connections(self) -> frozenset[asyncio.Task[None]]:
        """The open connections; each task ends with its own and never fails."""
        return frozenset(self._connections)

    async def __aenter__(self) -> "RecordedServer":
        self._server = await asyncio.start_server(self._serve, HOST, 0)
        port: int = self._server.sockets[0].getsockname()[1]
        self.base_url = f"http://{HOST}:{port}/v1"
        return self

    async def __aexit__(self, *error: object) -> None:
        if self._server is None:
            return
        self._server.close()
        for connection in self._connections:
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task, "asyncio runs this as a task"
        self._connections.add(task)
        try:
            await self._connection(reader, writer)
        except (ConnectionError, asyncio.CancelledError):
            # The client hung up, or the server ends: either way nobody waits for the rest.
            pass
        finally:
            self._connections.discard(task)
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            try:
                request = await read_request(reader)
            except Unreadable as fault:
                await send_json(writer, _fault(fault.status, str(fault)), fault.status, {"connection": "close"})
                return
            if request is None:
                return
            await self._answer(request, writer)
            if request.headers.get("connection", "").lower() == "close":
                return

    async def _answer(self, request: Request, writer: asyncio.StreamWriter) -> None:
        whole = {"/v1/models": self._recording.models, "/version": self._recording.version}
        allowed = "POST" if request.path == CHAT else "GET" if request.path in whole else ""
        if not allowed:
            await send_json(writer, b'{"detail":"Not Found"}', HTTPStatus.NOT_FOUND)
        elif request.method != allowed:
            refusal = b'{"detail":"Method Not Allowed"}'
            await send_json(writer, refusal, HTTPStatus.METHOD_NOT_ALLOWED, {"allow": allowed})
        elif request.path == CHAT:
            await self._chat(request, writer)
        else:
            await send_json(writer, whole[request.path])

    async def _chat(self, request: Request, writer: asyncio.StreamWriter) -> None:
        try:
            number = answers_given(request.body)
        except ValueError as error:
            await send_json(writer, _fault(HTTPStatus.BAD_REQUEST, str(error)), HTTPStatus.BAD_REQUEST)
            return
        answers = self._recording.answers
        if number >= len(answers):
            sentence = f"The recording has {len(answers)} answers, and this request asks for number {number + 1}."
            await send_json(writer, _fault(HTTPStatus.BAD_REQUEST, sentence), HTTPStatus.BAD_REQUEST)
            return
        await start_stream(writer)
        for event in events_of(answers[number]):
            await send_chunk(writer, event)
            await asyncio.sleep(self._pace_s)
        await send_chunk(writer, b"")


def _fault(status: HTTPStatus, sentence: str) -> bytes:
    """An error as vLLM words it."""
    fault = {"message": sentence, "type": status.phrase, "param": None, "code": int(status)}
    return json.dumps({"error": fault}).encode()


@contextlib.contextmanager
def serving(recording: Recording, pace_s: float = 0.0) -> Generator[str]:
    """A recorded server in a thread of its own, for a caller whose event loop comes and goes; gives its base URL."""
    loop = asyncio.new_event_loop()
    ready, urls, end = threading.Event(), list[str](), asyncio.Event()

    async def serve() -> None:
        try:
            async with RecordedServer(recording, pace_s) as server:
                urls.append(server.base_url)
                ready.set()
                await end.wait()
        finally:
            ready.set()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),), name="recorded-server", daemon=True)
    thread.start()
    ready.wait()
    if not urls:
        thread.join()
        loop.close()
        raise OSError(f"The demo's server could not open a port on {HOST}.")
    try:
        yield urls[0]
    finally:
        loop.call_soon_threadsafe(end.set)
        thread.join()
        loop.close()
