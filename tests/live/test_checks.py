"""A failed check on a real vLLM: the model reads it at its next step, which recomputes only what is new."""

import asyncio
import uuid
from pathlib import Path

import pytest

from agent.cache_meter import CacheMeter
from agent.checks import Check, Checks
from agent.client import VllmClient
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


async def test_a_failed_check_costs_its_own_tokens_and_no_more(vllm: Vllm, tmp_path: Path) -> None:
    name = f"CHECK-{uuid.uuid4().hex}"
    write = {"command": "create", "path": "made.txt", "file_text": "one\n" * 40}
    mend = {"command": "insert", "path": "made.txt", "insert_line": 0, "new_str": "right\n"}
    turns: list[Turn] = [
        {"think": "Next. " * 60, "calls": [call("bash", command="seq 100 240")]},
        {"think": "I write. " * 40, "calls": [call("str_replace_editor", **write)]},
        {"when": {"last_contains": "The linter ran after your edits"}, "think": "Hm. " * 30, "say": "It is fine."},
        {"when": {"last_contains": "The tests ran after your edits"}, "calls": [call("str_replace_editor", **mend)]},
        {"say": "Done."},
    ]
    vllm.script(name, turns)
    (tmp_path / "tree").mkdir()
    log = SessionLog.open(tmp_path / "log.sqlite", create=True)
    log.update_meta(id="checked")
    endpoint = Endpoint(vllm.base_url, MODEL, context_tokens=65536)
    client = VllmClient(endpoint, 120.0)
    fails = "seq 1 60; grep -q right made.txt"
    checks = Checks({"lint": Check("lint", fails, own=True), "test": Check("test", fails, own=True)})
    tools = toolset(person=False)
    parts = Parts(FolderSandbox(tmp_path / "tree"), tools, client, None, lambda event: None, checks=checks)
    try:
        async with asyncio.timeout(200):
            outcome = await open_session(log, Settings(endpoint, thinking="always"), parts).run(f"{name}: go")
        readings = list(CacheMeter().readings(log))
        ran = [(entry.data.get("kind"), entry.data.get("ok")) for entry in log.entries("check")]
    finally:
        await client.close()
        log.close()
        (vllm.scripts / f"{name}.json").unlink()
    assert (outcome.status, outcome.summary) == ("done", "Done.")
    assert ran == [("lint", False), ("test", False), ("lint", True), ("test", True)]
    assert len(readings) == 5
    for reading in readings[1:]:
        assert reading.recomputed_tokens is not None
        assert reading.new_tokens is not None
        assert reading.recomputed_tokens - reading.new_tokens <= MATCH_UNIT, reading
