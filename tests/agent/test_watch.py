"""The client beside a server that is slow, dead, or silent about itself; the model and its metrics as bytes."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing

import pytest

from agent import errors
from agent.client import ModelItem, ModelRequest, TurnComplete, VllmClient
from agent.messages import UserMessage, wire_bytes
from agent.patience import Pace
from agent.settings import Endpoint
from agent.thinking import DIRECT_SAMPLING, StepMode
from cli.pulse import ViewPulse
from serving.view import ServerView
from tests.agent.streams import captured, delta, sse
from tests.fakes.http_server import Hang, HttpServer, Reply, Reset, Step

ASK = ModelRequest([wire_bytes(UserMessage("x" * 4000))], b"[]", StepMode(False, 0, DIRECT_SAMPLING, ""), 50)
QUICK = Pace(stall_s=0.6, away_s=0.2, first_look_s=0.05, longest_pause_s=0.1)
BEGUN = sse(delta(content="I "), done=False)
WELL, ILL = Reply(), Reply(status=503)


@pytest.fixture(autouse=True)
async def no_stray_tasks() -> AsyncIterator[None]:
    yield
    await asyncio.sleep(0)
    assert [task for task in asyncio.all_tasks() if task is not asyncio.current_task()] == []


def page(running: int, waiting: int, tokens: int) -> Reply:
    text = (
        f"vllm:num_requests_running {running}\nvllm:num_requests_waiting {waiting}\n"
        f"vllm:generation_tokens_total {tokens}\n"
    )
    return Reply([text.encode()], headers={"content-type": "text/plain"})


async def ask(
    answer: Sequence[Step], looks: Sequence[Reply], *, patience_s: float = 5.0, headless: bool = False
) -> tuple[list[ModelItem], list[str]]:
    """What a client gets from a model that answers so, while its metrics and health are answered so, in turn."""
    told: list[str] = []
    async with (
        HttpServer([Reply(answer, headless=headless)]) as model,
        HttpServer(looks) as metrics,
        ServerView(metrics.url, timeout_s=2) as view,
    ):
        client = VllmClient(Endpoint(model.url, "m"), patience_s, ViewPulse(view), told.append, QUICK)
        try:
            async with aclosing(client.stream(ASK)) as items:
                return [item async for item in items], told
        finally:
            await client.close()
            if not isinstance(answer[-1], bytes):
                await asyncio.wait_for(model.requests[0].gone.wait(), 5)


def alternating(pages: Sequence[Reply], health: Reply = WELL) -> list[Reply]:
    return [reply for one in pages for reply in (one, health)]


async def test_a_slow_server_that_works_is_waited_for_and_the_user_told_why() -> None:
    """Silent for 2 s, three times the stall time; the counters rise at every look."""
    pages = [page(2, 6, 1), page(2, 6, 2), page(1, 2, 3), *(page(1, 0, number) for number in range(4, 60))]
    items, told = await ask([2.0, captured("plain")], alternating(pages))
    assert isinstance(items[-1], TurnComplete)
    assert told == [
        "Queued behind up to 7 requests (2 running, 5 waiting).",
        "Queued behind up to 2 requests (1 running, 1 waiting).",
        "The server is reading a prompt of about 1,000 tokens.",
    ]


async def test_a_stalled_server_is_given_up_before_the_first_word() -> None:
    with pytest.raises(errors.EndpointBusy, match="no progress for"):
        await ask([Hang], [reply for _ in range(40) for reply in (page(1, 0, 7), WELL)])


async def test_also_before_the_headers() -> None:
    with pytest.raises(errors.EndpointBusy, match="no progress for"):
        await ask([Hang], alternating([page(1, 0, 7)] * 40), headless=True)


async def test_a_server_that_stalls_in_mid_answer_breaks_the_stream() -> None:
    with pytest.raises(errors.StreamBroken, match=r"no progress for .* \(1 running, 0 waiting\)"):
        await ask([BEGUN, Hang], alternating([page(1, 0, 7)] * 40))


async def test_a_pause_in_mid_answer_is_waited_through() -> None:
    pages = alternating([page(3, 1, number) for number in range(60)])
    items, told = await ask([BEGUN, 1.2, captured("plain")], pages)
    assert isinstance(items[-1], TurnComplete)
    assert told == ["The answer has paused; the server is alive (1 request in its queue)."]


async def test_comments_are_no_progress() -> None:
    comments: list[Step] = [step for _ in range(100) for step in (b": keep-alive\n\n", 0.02)]
    with pytest.raises(errors.EndpointBusy, match="no progress for"):
        await ask([*comments, Hang], alternating([page(1, 0, 7)] * 100))


async def test_a_dead_engine_ends_the_wait_at_once() -> None:
    with pytest.raises(errors.EndpointBusy, match="unhealthy"):
        await ask([Hang], alternating([page(1, 0, 7)], ILL))


@pytest.mark.parametrize("answer", [[Hang], [BEGUN, Hang]])
async def test_a_server_that_is_gone_ends_the_wait(answer: list[Step]) -> None:
    expected = errors.EndpointUnreachable if len(answer) == 1 else errors.StreamBroken
    with pytest.raises(expected, match="no longer answers"):
        await ask(answer, [Reply([Reset], headless=True)])


async def test_without_metrics_the_patience_is_fixed_and_told() -> None:
    absent = [Reply(status=404)]
    items, told = await ask([0.6, captured("plain")], absent, patience_s=5.0)
    assert isinstance(items[-1], TurnComplete)
    assert told == ["The server is silent and has no /metrics to say why; waiting for up to 5 s."]
    with pytest.raises(errors.EndpointBusy, match="has no /metrics"):
        await ask([Hang], absent, patience_s=0.5)


async def test_a_word_that_comes_during_a_look_is_taken_at_once() -> None:
    """The metrics hang; the answer does not wait for them."""
    loop = asyncio.get_running_loop()
    started = loop.time()
    async with (
        HttpServer([Reply([0.1, captured("plain")])]) as model,
        HttpServer([Reply([Hang])]) as metrics,
        ServerView(metrics.url, timeout_s=30) as view,
    ):
        client = VllmClient(Endpoint(model.url, "m"), 60.0, ViewPulse(view), pace=QUICK)
        async with aclosing(client.stream(ASK)) as items:
            assert [item async for item in items]
        await client.close()
    assert loop.time() - started < 5


async def test_a_cancelled_wait_closes_the_request() -> None:
    pages = alternating([page(1, 0, number) for number in range(99)])
    async with HttpServer([Reply([Hang])]) as model, HttpServer(pages) as metrics, ServerView(metrics.url) as view:
        client = VllmClient(Endpoint(model.url, "m"), 60.0, ViewPulse(view), pace=QUICK)

        async def read() -> None:
            async with aclosing(client.stream(ASK)) as items:
                await anext(items)

        reading = asyncio.create_task(read())
        await metrics.arrived.wait()
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        await asyncio.wait_for(model.requests[0].gone.wait(), 5)
        await client.close()
