"""`VllmClient.count`: the server's own figure, or None, whatever goes wrong, and never an error."""

import json

import pytest

from agent.client import ModelRequest, VllmClient
from agent.messages import UserMessage, wire_bytes
from agent.settings import Endpoint
from agent.thinking import DIRECT_SAMPLING, StepMode
from tests.fakes.http_server import HttpServer, Reply, Reset

ASK = ModelRequest([wire_bytes(UserMessage("hi"))], b"[]", StepMode(False, 0, DIRECT_SAMPLING, ""), max_tokens=1)
JSON = {"content-type": "application/json"}
COUNTED = Reply([b'{"count": 1234, "max_model_len": 4096, "tokens": []}'], 200, JSON)


async def counts(*replies: Reply, times: int = 2) -> tuple[list[int | None], int]:
    """What a client is told that asks so often, and how many requests reached the server."""
    async with HttpServer(list(replies)) as server:
        client = VllmClient(Endpoint(server.url, "m"), 5.0)
        try:
            return [await client.count(ASK) for _ in range(times)], len(server.requests)
        finally:
            await client.close()


async def test_the_prompt_is_counted_beside_v1_as_it_would_be_sent() -> None:
    async with HttpServer([COUNTED]) as server:
        client = VllmClient(Endpoint(server.url, "m"), 5.0)
        assert await client.count(ASK) == 1234
        await client.close()
    request = server.requests[0]
    body = json.loads(request.body)
    assert request.path == "/tokenize"
    assert body["messages"] == [{"role": "user", "content": "hi"}]
    assert (body["add_generation_prompt"], body["chat_template_kwargs"]) == (True, {"enable_thinking": False})


@pytest.mark.parametrize("status", [404, 405, 501])
async def test_a_server_without_it_is_asked_once(status: int) -> None:
    assert await counts(Reply([b'{"detail":"Not Found"}'], status, JSON)) == ([None, None], 1)


@pytest.mark.parametrize("status", [400, 401, 429, 500, 503])
async def test_a_server_in_trouble_is_asked_again(status: int) -> None:
    assert await counts(Reply([b'{"error":{"message":"no"}}'], status, JSON), COUNTED) == ([None, 1234], 2)


@pytest.mark.parametrize(
    "reply",
    [
        Reply([b'{"count": 12'], 200, JSON, announced=400),
        Reply([Reset], 200, JSON),
        Reply([b'{"count": '], 200, JSON),
    ],
)
async def test_an_answer_that_breaks_is_none_and_asked_for_again(reply: Reply) -> None:
    assert await counts(reply, COUNTED) == ([None, 1234], 2)


@pytest.mark.parametrize("body", [b"{}", b'{"count": 0}', b'{"count": "many"}', b"[]"])
async def test_an_answer_of_something_else_ends_the_asking(body: bytes) -> None:
    assert await counts(Reply([body], 200, JSON), COUNTED) == ([None, None], 1)


async def test_nobody_there_and_no_url() -> None:
    for url in ("http://127.0.0.1:1/v1", "http://[::1", "http://host:notaport/v1"):
        client = VllmClient(Endpoint(url, "m"), 5.0)
        assert await client.count(ASK) is None
        await client.close()
