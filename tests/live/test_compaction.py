"""A compaction on demand on a real vLLM: what its request takes from the prefix cache, and what the steps after it do.

The server must run with --prefix-match-unit 16.
"""

import uuid
from pathlib import Path

import httpx2
import pytest

from agent import events
from agent.cache_meter import CacheMeter
from agent.client import VllmClient
from agent.log import SessionLog
from agent.session import Parts, open_session
from agent.settings import Endpoint, Settings
from tests.fakes.sandbox import FolderSandbox
from tests.live.cache_turns import Turn, call
from tests.live.long_task import ASK, NOTES
from tests.live.server import Vllm
from tools.registry import toolset

pytestmark = [pytest.mark.live, pytest.mark.timeout(180)]
MATCH_UNIT = 16
STEPS = 7


def working(first: int, last: int) -> list[Turn]:
    """Steps whose results have some 400 tokens each, in both modes, and the end."""
    steps: list[Turn] = [
        {"think": f"{number}.", "calls": [call("bash", command=f"seq {number}000 {number}099; test {number} -ne 3")]}
        for number in range(first, last)
    ]
    return [*steps, {"think": "Done.", "say": "All is done."}]


async def test_the_summary_comes_from_the_cache_and_the_steps_after_it_only_add(vllm: Vllm, tmp_path: Path) -> None:
    names = [f"COMPACT-{uuid.uuid4().hex}" for _ in range(2)]
    summary: Turn = {"when": {"last_contains": ASK}, "say": NOTES}
    vllm.script(names[0], [summary, *working(1, STEPS)])
    vllm.script(names[1], [summary, *working(STEPS, STEPS + 3)])
    async with httpx2.AsyncClient() as http:
        model = (await http.get(f"{vllm.base_url}/models")).json()["data"][0]
    endpoint = Endpoint(vllm.base_url, model["id"], context_tokens=model["max_model_len"])
    seen: list[events.Event] = []
    (tmp_path / "tree").mkdir()
    log = SessionLog.open(tmp_path / "log.sqlite", create=True)
    log.update_meta(id=names[0])
    client = VllmClient(endpoint, 120.0)
    parts = Parts(FolderSandbox(tmp_path / "tree"), toolset(person=False), client, None, seen.append)
    try:
        session = open_session(log, Settings(endpoint), parts)
        assert (await session.run(f"{names[0]}: go on")).status == "done"
        last = list(CacheMeter().readings(log))[-1]
        made = await session.compact("the numbers")
        assert made is not None
        assert (made.kind, made.steps, made.problem) == ("summary", STEPS - 2, "")
        assert made.after < made.before * 0.7
        # The server knows the last prompt; the answer to it and the message that asks for the summary are new.
        assert made.usage is not None
        assert made.usage.cached_tokens is not None
        new = made.usage.prompt_tokens - last.prompt_tokens
        assert made.usage.prompt_tokens - made.usage.cached_tokens <= new + MATCH_UNIT
        assert new < 500
        meter = CacheMeter(read_upto=log.newest())
        assert (await session.run(f"{names[1]}: and on")).status == "done"
        first, *others = list(meter.readings(log))
        assert first.prompt_tokens < made.after + 200
        assert len(others) == 3
        for reading in others:
            assert reading.recomputed_tokens is not None
            assert reading.new_tokens is not None
            assert reading.recomputed_tokens <= reading.new_tokens + MATCH_UNIT
    finally:
        for name in names:
            (vllm.scripts / f"{name}.json").unlink()
        await client.close()
        log.close()
