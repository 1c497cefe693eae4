"""Patience on a real vLLM: a long prompt that is read in pieces shows as progress, long before the first word."""

import json
import uuid
from contextlib import aclosing

import pytest

from agent.client import ModelRequest, TurnComplete, VllmClient
from agent.messages import UserMessage, wire_bytes
from agent.patience import Pace
from agent.settings import Endpoint
from agent.thinking import DIRECT_SAMPLING, StepMode
from cli.pulse import ViewPulse
from serving.admission import admission
from serving.view import ServerView
from tests.live.new_request import MODEL
from tests.live.server import Vllm
from tools.registry import toolset, wire_schema

pytestmark = [pytest.mark.live, pytest.mark.timeout(300)]
TOOLS = json.dumps(wire_schema(toolset(person=False))).encode()
DIRECT = StepMode(False, 0, DIRECT_SAMPLING, "test")
# Looks often; a chunk of 2,048 tokens takes a second or so on a CPU that others use as well.
EAGER = Pace(stall_s=20.0, away_s=30.0, first_look_s=0.5, longest_pause_s=1.0)


async def test_a_long_prompt_is_waited_for_and_the_user_told_why(vllm: Vllm) -> None:
    name = f"PATIENCE-{uuid.uuid4().hex}"
    vllm.script(name, [{"say": "Read."}])
    text = f"{name} " + " ".join(f"{number} {uuid.uuid4().hex}" for number in range(1100))
    told: list[str] = []
    async with ServerView(vllm.base_url) as view:
        client = VllmClient(Endpoint(vllm.base_url, MODEL), 5.0, ViewPulse(view), told.append, EAGER)
        request = ModelRequest([wire_bytes(UserMessage(text))], TOOLS, DIRECT, 20)
        try:
            async with aclosing(client.stream(request)) as items:
                last = [item async for item in items][-1]
        finally:
            await client.close()
            (vllm.scripts / f"{name}.json").unlink()
    assert isinstance(last, TurnComplete)
    assert last.turn.usage is not None
    assert last.turn.usage.prompt_tokens > 20_000
    assert any("reading a prompt of about" in sentence or "Queued behind" in sentence for sentence in told), told


async def test_the_view_of_a_real_server(vllm: Vllm) -> None:
    async with ServerView(vllm.base_url) as view:
        assert await view.health() == "well"
        assert (await view.look()).now is not None
        second = await view.look()
    assert second.now is not None
    assert second.since is not None
    told = (second.now.running, second.now.waiting, second.now.kv_use, second.now.cache_queries)
    assert None not in told
    assert second.since.prompt_tokens_s is not None
    assert admission(0, second.now).reason
