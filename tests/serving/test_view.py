"""The live view against a server of bytes: pages, refusals, silence, and the end of a reader."""

import asyncio

import pytest

from serving.view import ServerView
from tests.fakes.http_server import Hang, HttpServer, Reply, Reset

TEXT = {"content-type": "text/plain"}


def page(prompt_tokens: int) -> Reply:
    text = f"vllm:num_requests_running 1\nvllm:num_requests_waiting 2\nvllm:prompt_tokens_total {prompt_tokens}\n"
    return Reply([text.encode()], headers=TEXT)


async def test_a_second_look_tells_what_happened_since() -> None:
    async with HttpServer([page(100), page(350)]) as server, ServerView(server.url, "key") as view:
        first, second = await view.look(), await view.look()
    assert first.now is not None
    assert (first.now.running, first.now.waiting, first.since) == (1, 2, None)
    assert second.since is not None
    assert second.since.prompt_tokens_s == pytest.approx(250 / second.since.seconds)
    assert [request.path for request in server.requests] == ["/metrics"] * 2
    assert server.requests[0].headers["authorization"] == "Bearer key"


@pytest.mark.parametrize(
    "reply",
    [
        Reply(status=401),
        Reply(status=404),
        Reply([b"<html>"], headers=TEXT),
        Reply([b"\xff\xfe{"], headers=TEXT),
        Reply([Reset]),
        Reply([b"vllm:", Reset]),
        Reply([Hang]),
        Reply([b"no HTTP at all"], headless=True),
    ],
)
async def test_no_metrics_is_no_error(reply: Reply) -> None:
    async with HttpServer([reply]) as server, ServerView(server.url, timeout_s=0.3) as view:
        assert (await view.look()).now is None


@pytest.mark.parametrize(
    ("reply", "health"),
    [
        (Reply(), "well"),
        (Reply(status=503), "ill"),
        (Reply(status=404), "untold"),
        (Reply([Hang], headless=True), "away"),
    ],
)
async def test_health(reply: Reply, health: str) -> None:
    async with HttpServer([reply]) as server, ServerView(server.url, timeout_s=0.3) as view:
        assert await view.health() == health


async def test_nothing_listens_and_urls_that_are_none() -> None:
    for url in ("http://127.0.0.1:9/v1", "nonsense", "http://[::"):
        async with ServerView(url, timeout_s=1) as view:
            assert ((await view.look()).now, await view.health()) == (None, "away")


async def test_a_reader_that_ends_leaves_nothing_behind() -> None:
    async with HttpServer([page(1)]) as server, ServerView(server.url) as view:
        count = 0
        looks = view.looks(0.01)
        async for _ in looks:
            count += 1
            if count == 3:
                break
        await looks.aclose()
        before = len(server.requests)
        await asyncio.sleep(0.05)
        assert (count, len(server.requests)) == (3, before)


async def test_a_cancelled_look_ends_at_once() -> None:
    async with HttpServer([Reply([Hang])]) as server, ServerView(server.url, timeout_s=60) as view:
        looking = asyncio.create_task(view.look())
        await server.arrived.wait()
        looking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(looking, 2)
