"""A picture sent to a real vLLM without eyes: it refuses, the model is told what it cannot see, the turn goes on."""

import uuid
from pathlib import Path

import pytest

from agent.client import VllmClient
from agent.json_types import as_list, as_text
from agent.log import SessionLog
from agent.opening import Parts
from agent.pictures import picture_of
from agent.session import open_session
from agent.settings import Endpoint, Settings
from tests.agent.test_pictures import png
from tests.fakes.sandbox import FolderSandbox
from tests.live.cache_turns import call
from tests.live.server import Vllm
from tools.registry import toolset

pytestmark = [pytest.mark.live, pytest.mark.timeout(120)]


async def test_a_picture_on_a_text_only_server_becomes_a_line(vllm: Vllm, tmp_path: Path) -> None:
    name = f"PICTURE-{uuid.uuid4().hex}"
    vllm.script(name, [{"say": "I cannot see it."}])
    for folder in ("tree", "scratch"):
        (tmp_path / folder).mkdir()
    endpoint = Endpoint(vllm.base_url, "Qwen/Qwen3.5-122B-A10B", context_tokens=65_536)
    client = VllmClient(endpoint, 60)
    log = SessionLog.open(tmp_path / "log.sqlite", create=True)
    log.update_meta(id="picture")
    sandbox = FolderSandbox(tmp_path / "tree", tmp_path / "scratch")
    session = open_session(
        log, Settings(endpoint), Parts(sandbox, toolset(person=True), client, None, lambda event: None)
    )
    try:
        outcome = await session.run(f"{name}: what is it?", pictures=(picture_of("shot.png", png(64, 64)),))
    finally:
        await client.close()
        (vllm.scripts / f"{name}.json").unlink()
    assert (outcome.status, outcome.summary) == ("done", "I cannot see it.")
    counted = [as_text(entry.data.get("counter")) for entry in log.entries("failure")]
    log.close()
    assert counted == ["pictures_refused"]


async def test_a_picture_that_a_tool_shows_is_refused_inside_its_result_and_becomes_a_line(
    vllm: Vllm, tmp_path: Path
) -> None:
    name = f"VIEWED-{uuid.uuid4().hex}"
    look = call("str_replace_editor", command="view", path="shot.png")
    vllm.script(name, [{"calls": [look]}, {"say": "I cannot see it."}])
    for folder in ("tree", "scratch"):
        (tmp_path / folder).mkdir()
    (tmp_path / "tree" / "shot.png").write_bytes(png(64, 64))
    endpoint = Endpoint(vllm.base_url, "Qwen/Qwen3.5-122B-A10B", context_tokens=65_536)
    client = VllmClient(endpoint, 60)
    log = SessionLog.open(tmp_path / "log.sqlite", create=True)
    log.update_meta(id="viewed")
    sandbox = FolderSandbox(tmp_path / "tree", tmp_path / "scratch")
    session = open_session(
        log, Settings(endpoint), Parts(sandbox, toolset(person=True), client, None, lambda event: None)
    )
    try:
        outcome = await session.run(f"{name}: look at shot.png")
    finally:
        await client.close()
        (vllm.scripts / f"{name}.json").unlink()
    assert (outcome.status, outcome.summary) == ("done", "I cannot see it.")
    refused = [entry.data for entry in log.entries("failure")]
    viewed = next(entry.data for entry in log.entries("result"))
    log.close()
    assert [as_text(data.get("counter")) for data in refused] == ["pictures_refused"]
    assert len(as_list(viewed.get("pictures"))) == 1
