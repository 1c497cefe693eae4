"""A remark to a running turn, on a real vLLM: read at the next step, which recomputes only what is new."""

import asyncio
import uuid
from pathlib import Path

import pytest

from agent.cache_meter import CacheMeter
from agent.client import VllmClient
from agent.events import CallStarted, Event, Steered
from agent.log import SessionLog
from agent.session import Parts, open_session
from agent.settings import Endpoint, Settings
from tests.fakes.sandbox import FolderSandbox
from tests.live.cache_turns import Turn, call
from tests.live.cache_worker import MODEL
from tests.live.server import Vllm
from tests.live.test_prefix_cache import MATCH_UNIT
from tools.registry import toolset

pytestmark = [pytest.mark.live, pytest.mark.timeout(240)]
REMARK = "Use tabs, and leave the tests alone."


async def test_a_remark_costs_its_own_tokens_and_no_more(vllm: Vllm, tmp_path: Path) -> None:
    name = f"STEER-{uuid.uuid4().hex}"
    work: list[Turn] = [
        {"think": "Next. " * 40, "calls": [call("bash", command=f"seq {n}00 {n}40")]} for n in range(1, 4)
    ]
    vllm.script(name, [*work, {"think": "Done now.", "say": "Done."}])
    (tmp_path / "tree").mkdir()
    log = SessionLog.open(tmp_path / "log.sqlite", create=True)
    log.update_meta(id="steered")
    endpoint = Endpoint(vllm.base_url, MODEL, context_tokens=65536)
    client = VllmClient(endpoint, 120.0)
    seen: list[Event] = []

    def hear(event: Event) -> None:
        seen.append(event)
        if isinstance(event, CallStarted) and "200" in event.arguments:
            session.steer(REMARK)

    tools = toolset(person=False)
    settings = Settings(endpoint, thinking="always")
    session = open_session(log, settings, Parts(FolderSandbox(tmp_path / "tree"), tools, client, None, hear))
    try:
        async with asyncio.timeout(200):
            outcome = await session.run(f"{name}: go through the steps")
        readings = list(CacheMeter().readings(log))
    finally:
        await client.close()
        log.close()
        (vllm.scripts / f"{name}.json").unlink()
    assert (outcome.status, outcome.unheard) == ("done", ())
    assert [event.text for event in seen if isinstance(event, Steered)] == [REMARK]
    assert len(readings) == 4
    for reading in readings[1:]:
        assert reading.recomputed_tokens is not None
        assert reading.new_tokens is not None
        assert reading.recomputed_tokens - reading.new_tokens <= MATCH_UNIT, reading
