"""The recorded server over real connections."""

import asyncio
import http.client
import json
import logging
import socket
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.demo.recorded import Recording, answers_given, bundled, events_of
from cli.demo.server import CHAT, RecordedServer, serving

ANSWERS = (b'data: {"n":1}\n\ndata: {"n":2}\n\ndata: [DONE]\n\n', b'data: {"n":3}\n\ndata: [DONE]\n\n')
RECORDING = Recording(ANSWERS, b'{"object":"list","data":[]}', b'{"version":"0.32.0"}')


@pytest.fixture
async def server() -> AsyncIterator[RecordedServer]:
    async with RecordedServer(RECORDING) as running:
        yield running


async def connected(server: RecordedServer) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection("127.0.0.1", urlsplit(server.base_url).port)


def chat(*roles: str) -> bytes:
    body = json.dumps({"messages": [{"role": role, "content": ""} for role in roles], "stream": True}).encode()
    return f"POST {CHAT} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


async def read_head(reader: asyncio.StreamReader) -> tuple[int, dict[str, str]]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    first, *lines = head.rstrip().split("\r\n")
    return int(first.split()[1]), dict(line.split(": ", 1) for line in lines)


async def read_chunks(reader: asyncio.StreamReader) -> list[bytes]:
    chunks: list[bytes] = []
    while size := int(await reader.readline(), 16):
        chunks.append((await reader.readexactly(size + 2))[:-2])
    assert await reader.readline() == b"\r\n"
    return chunks


async def ask(server: RecordedServer, request: bytes) -> tuple[int, dict[str, str], bytes]:
    """One whole answer, on a connection of its own."""
    reader, writer = await connected(server)
    try:
        writer.write(request)
        status, headers = await read_head(reader)
        if "content-length" in headers:
            return status, headers, await reader.readexactly(int(headers["content-length"]))
        return status, headers, b"".join(await read_chunks(reader))
    finally:
        writer.close()
        await writer.wait_closed()


@pytest.mark.parametrize(("path", "body"), [("/v1/models", RECORDING.models), ("/version", RECORDING.version)])
async def test_what_the_server_says_of_itself_is_the_recording(server: RecordedServer, path: str, body: bytes) -> None:
    assert (await ask(server, f"GET {path}?x=1 HTTP/1.1\r\nHost: x\r\n\r\n".encode()))[::2] == (200, body)


async def test_the_answer_is_chosen_by_the_answers_since_the_last_request_of_the_user(server: RecordedServer) -> None:
    assert (await ask(server, chat("system", "user")))[2] == ANSWERS[0]
    assert (await ask(server, chat("system", "user", "assistant", "tool", "tool")))[2] == ANSWERS[1]
    assert (await ask(server, chat("user", "assistant", "assistant", "user")))[2] == ANSWERS[0]


async def test_each_event_travels_as_a_chunk_of_its_own(server: RecordedServer) -> None:
    reader, writer = await connected(server)
    writer.write(chat("user"))
    status, headers = await read_head(reader)
    assert status == 200
    assert headers["content-type"] == "text/event-stream; charset=utf-8"
    assert await read_chunks(reader) == events_of(ANSWERS[0])
    writer.close()


async def test_a_request_may_arrive_byte_by_byte_and_a_connection_serves_many(server: RecordedServer) -> None:
    reader, writer = await connected(server)
    writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for roles in (["user"], ["user", "assistant"]):
        for byte in chat(*roles):
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0)
        await read_head(reader)
        assert b"".join(await read_chunks(reader)) == ANSWERS[len(roles) - 1]
    writer.close()


async def test_pipelined_requests_are_answered_in_order(server: RecordedServer) -> None:
    reader, writer = await connected(server)
    writer.write(chat("user") + chat("user", "assistant"))
    for answer in ANSWERS:
        await read_head(reader)
        assert b"".join(await read_chunks(reader)) == answer
    writer.close()


async def test_events_are_paced() -> None:
    async with RecordedServer(RECORDING, pace_s=0.05) as server:
        started = asyncio.get_running_loop().time()
        await ask(server, chat("user"))
        assert asyncio.get_running_loop().time() - started >= 0.15


async def test_a_client_that_hangs_up_in_mid_answer_disturbs_nobody(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    endless = Recording((b'data: {"n":1}\n\n' * 10_000,), b"{}", b"{}")
    async with RecordedServer(endless, pace_s=0.001) as server:
        reader, writer = await connected(server)
        writer.write(chat("user"))
        await read_head(reader)
        await reader.readline()
        writer.transport.abort()
        assert (await ask(server, b"GET /version HTTP/1.1\r\n\r\n"))[0] == 200
        await asyncio.gather(*server.connections)
    assert caplog.records == []


async def test_closing_ends_an_answer_under_way_at_once() -> None:
    slow = Recording((ANSWERS[0],), b"{}", b"{}")
    async with RecordedServer(slow, pace_s=3600) as server:
        reader, writer = await connected(server)
        writer.write(chat("user"))
        await read_head(reader)
    assert b"[DONE]" not in await reader.read()
    writer.close()


@pytest.mark.parametrize(
    ("request_", "status", "needle"),
    [
        (b"GET /v1/embeddings HTTP/1.1\r\n\r\n", 404, b"Not Found"),
        (b"GET /v1/chat/completions HTTP/1.1\r\n\r\n", 405, b"Method Not Allowed"),
        (b"DELETE /v1/models HTTP/1.1\r\n\r\n", 405, b"Method Not Allowed"),
        (b"POST /v1/chat/completions HTTP/1.1\r\nContent-Length: 1\r\n\r\n{", 400, b"message"),
        (b"POST /v1/chat/completions HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}", 400, b"no user message"),
        (chat("user", "assistant", "assistant"), 400, b"has 2 answers, and this request asks for number 3"),
        (b"nonsense\r\n\r\n", 400, b"Bad Request"),
        (b"POST /version HTTP/1.1\r\nContent-Length: -5\r\n\r\n", 400, b"Bad Request"),
        (b"POST /version HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 411, b"Length Required"),
        (b"POST /version HTTP/1.1\r\nContent-Length: 999999999999\r\n\r\n", 413, b"Too Large"),
    ],
)
async def test_what_cannot_be_served_is_refused_in_words(
    server: RecordedServer, request_: bytes, status: int, needle: bytes
) -> None:
    got, headers, body = await ask(server, request_)
    assert got == status
    assert needle in body
    assert headers["content-type"] == "application/json"


async def test_a_connection_closed_in_mid_request_is_forgotten(server: RecordedServer) -> None:
    _, writer = await connected(server)
    writer.write(chat("user")[:-3])
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    await asyncio.gather(*server.connections)


def test_it_serves_callers_without_an_event_loop_and_is_gone_afterwards() -> None:
    with serving(RECORDING) as base_url:
        where = urlsplit(base_url)
        assert where.hostname == "127.0.0.1"
        connection = http.client.HTTPConnection("127.0.0.1", where.port or 0, timeout=10)
        connection.request("GET", "/version")
        assert connection.getresponse().read() == RECORDING.version
        connection.close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", where.port or 0), timeout=1)


@given(st.lists(st.sampled_from(["system", "assistant", "tool"])), st.lists(st.sampled_from(["assistant", "tool"])))
def test_answers_are_counted_after_the_last_user_message(before: list[str], after: list[str]) -> None:
    messages = [{"role": role} for role in [*before, "user", *after]]
    assert answers_given(json.dumps({"messages": messages}).encode()) == after.count("assistant")


@pytest.mark.parametrize("number", range(len(bundled().answers)))
def test_cutting_the_bundled_answers_into_events_loses_no_byte(number: int) -> None:
    answer = bundled().answers[number]
    events = events_of(answer)
    assert b"".join(events) == answer
    assert events[-1] == b"data: [DONE]\n\n"
    assert len(events) > 5
