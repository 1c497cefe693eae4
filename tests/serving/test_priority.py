"""Whether a server takes a priority: asked with one token, and every trouble is a no."""

import asyncio
import json

import pytest

from serving.priority import takes_priority
from tests.fakes.http_server import HttpServer, Reply, Request, Reset
from tests.live.server import configured
from tests.needs import missing

JSON = {"content-type": "application/json"}


@pytest.mark.parametrize(("status", "taken"), [(200, True), (400, False), (404, False), (500, False), (302, False)])
async def test_one_token_with_the_priority_is_asked_for(status: int, taken: bool) -> None:
    asked: list[Request] = []

    def answer(request: Request) -> Reply:
        asked.append(request)
        return Reply((b"{}",), status, {**JSON, "location": "http://127.0.0.1:9/"})

    async with HttpServer(answer) as server:
        url = server.url.rstrip("/")
        url = url if url.endswith("/v1") else f"{url}/v1"
        assert await asyncio.to_thread(takes_priority, url, "qwen", 10, "key") == taken
    (request,) = asked
    body = json.loads(request.body)
    assert (request.path, body["priority"], body["max_tokens"]) == ("/v1/chat/completions", 10, 1)
    assert {name.lower(): value for name, value in request.headers.items()}["authorization"] == "Bearer key"


async def test_troubles_are_a_no() -> None:
    async with HttpServer([Reply((Reset,), headless=True)]) as server:
        assert not await asyncio.to_thread(takes_priority, server.url, "qwen", 10)
    assert not takes_priority("http://127.0.0.1:9/v1", "qwen", 10)
    assert not takes_priority("no url", "qwen", 10)


@pytest.mark.live
def test_a_real_vllm_takes_a_priority_whatever_its_scheduling() -> None:
    vllm = configured() or missing("a real vLLM (QWRIGHT_TEST_VLLM)")
    from serving.probe import look

    assert takes_priority(vllm.base_url, look(vllm.base_url).model(None).name, 10)
