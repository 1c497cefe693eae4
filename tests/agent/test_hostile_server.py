"""A server that means harm: redirects, answers without an end, lines without an end, errors without an end."""

import asyncio

import pytest

from agent import errors
from agent.client import VllmClient
from agent.settings import Endpoint
from agent.sse import Chunk, Malformed, SseDecoder
from tests.agent.streams import delta, sse
from tests.agent.test_client import ASK, ask
from tests.fakes.http_server import HttpServer, Reply

MEGABYTE = b"x" * 1024 * 1024


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_neither_key_nor_prompt_follows_a_redirect(status: int) -> None:
    async with HttpServer([Reply([sse(delta("stop"))])]) as other:
        target = f"{other.url.replace('127.0.0.1', 'localhost')}/chat/completions"
        async with HttpServer([Reply(status=status, headers={"location": target}, announced=0)]) as server:
            with pytest.raises(errors.EndpointRefused, match="redirects elsewhere"):
                await ask(server.url, key="sk-key")
            client = VllmClient(Endpoint(server.url, "m", "sk-key"), 5.0)
            try:
                assert await client.count(ASK) is None
            finally:
                await client.close()
        assert other.requests == []


async def test_of_an_error_only_the_beginning_is_read() -> None:
    endless = Reply(
        [b'{"error":{"message":"no', *[MEGABYTE] * 64], status=500, headers={"content-type": "application/json"}
    )
    async with HttpServer([endless]) as server:
        with pytest.raises(errors.EndpointFailed) as raised:
            await ask(server.url)
        await asyncio.wait_for(server.requests[0].gone.wait(), 30)
    assert len(str(raised.value)) < 1000


async def test_a_line_without_an_end_ends_the_answer() -> None:
    first = sse(delta(content="hi"))
    first = first[: first.rindex(b"data: [DONE]")] if b"data: [DONE]" in first else first
    async with HttpServer([Reply([first, b"data: ", *[MEGABYTE] * 64])]) as server:
        with pytest.raises(errors.StreamBroken):
            await ask(server.url)
        await asyncio.wait_for(server.requests[0].gone.wait(), 30)


def test_a_line_without_an_end_is_not_kept() -> None:
    decoder = SseDecoder()
    found = [item for _ in range(40) for item in decoder.feed(MEGABYTE)]
    found += list(decoder.feed(b'\ndata: {"a": 1}\n'))
    assert [type(item) for item in found] == [Malformed, Chunk]


def test_a_long_line_is_read_whole() -> None:
    data = b'data: {"a": "' + b"x" * (4_000_000) + b'"}\n'
    decoder = SseDecoder()
    found = [item for start in range(0, len(data), 65536) for item in decoder.feed(data[start : start + 65536])]
    assert [type(item) for item in found] == [Chunk]


async def test_an_answer_without_an_end_is_ended() -> None:
    piece = sse(delta(content="x" * 1_000_000))
    piece = piece.replace(b"data: [DONE]\n\n", b"")
    async with HttpServer([Reply([piece] * 400)]) as server:
        with pytest.raises(errors.StreamBroken, match="MiB"):
            await ask(server.url, patience_s=60.0)
        await asyncio.wait_for(server.requests[0].gone.wait(), 30)


@pytest.mark.parametrize("status", [400, 404, 429, 500])
async def test_an_error_that_repeats_the_key_does_not_show_it(status: int) -> None:
    said = b'{"error":{"message":"no such key: Bearer plain-key-77"}}'
    async with HttpServer([Reply([said], status=status, headers={"content-type": "application/json"})]) as server:
        with pytest.raises(errors.EndpointError) as raised:
            await ask(server.url, key="plain-key-77")
    assert "no such key: Bearer ***" in str(raised.value)


async def test_an_error_in_mid_answer_that_repeats_the_key_does_not_show_it() -> None:
    said = b'data: {"error": {"message": "bad plain-key-77", "code": 500}}\n\n'
    async with HttpServer([Reply([said])]) as server:
        with pytest.raises(errors.AgentError) as raised:
            await ask(server.url, key="plain-key-77")
    assert "bad ***" in str(raised.value)
