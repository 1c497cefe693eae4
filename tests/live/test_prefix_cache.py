"""The cache law on a real vLLM: a step recomputes its new tokens and at most 16 more, whatever the thinking modes.

The server must run with --prefix-match-unit 16; with its defaults the same client recomputes up to 2.5 times the new
tokens (measured on vLLM 0.32).
"""

import uuid
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from agent.client import VllmClient
from agent.events import StepFinished, StepStarted
from agent.log import SessionLog
from agent.session import Parts, open_session
from agent.settings import Endpoint, Settings
from tests.fakes.sandbox import FolderSandbox
from tests.live.server import Vllm
from tools.registry import toolset

pytestmark = [pytest.mark.live, pytest.mark.timeout(240)]
MATCH_UNIT = 16
STEPS = 20


def turns() -> list[dict[str, object]]:
    """Reads, edits, failures, parallel calls and every kind of argument."""

    def call(name: str, **arguments: object) -> dict[str, object]:
        return {"name": name, "arguments": arguments}

    made: list[dict[str, object]] = []
    for number in range(STEPS - 1):
        kinds: list[list[dict[str, object]]] = [
            [call("bash", command=f"seq {number * 100} {number * 100 + 250}")],
            [call("str_replace_editor", command="view", path="file.txt", view_range="[1, 3]")],
            [call("bash", command=f"echo run {number}; false", timeout=30)],
            [call("bash", command=f"echo a{number}"), call("search", pattern="line", path=".", max_results=5)],
            [call("task_list", tasks=f"- [x] step {number}\n- [ ] next")],
            [call("str_replace_editor", command="insert", path="file.txt", insert_line=1, new_str=f"new {number}")],
        ]
        thought = f"Step {number}: I think about what to do here, and why it is the right thing."
        made.append({"think": thought, "say": f"Step {number}.", "calls": kinds[number % len(kinds)]})
    return [*made, {"think": "Finished.", "say": "Done.", "calls": [call("submit")]}]


async def test_mixed_thinking_recomputes_only_what_is_new(vllm: Vllm, tmp_path: Path) -> None:
    name = f"CACHE-{uuid.uuid4().hex}"
    vllm.script(name, turns())
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "file.txt").write_text("".join(f"line {number}\n" for number in range(50)))
    events: list[object] = []
    log = SessionLog.open(tmp_path / "log.sqlite", create=True)
    endpoint = Endpoint(vllm.base_url, "Qwen/Qwen3.5-122B-A10B", context_tokens=65536)
    client = VllmClient(endpoint, 120.0)
    settings = replace(Settings(endpoint), thinking="auto")
    sandbox = FolderSandbox(tmp_path / "tree")
    try:
        parts = Parts(sandbox, toolset(person=False), client, None, events.append)
        outcome = await open_session(log, settings, parts).run(f"{name}: go through the steps")
    finally:
        await client.close()
        log.close()
    assert (outcome.status, outcome.steps) == ("done", STEPS)
    modes = [event.thinking for event in events if isinstance(event, StepStarted)]
    assert {True, False} == set(modes)
    assert sum(before != after for before, after in pairwise(modes)) >= 4
    usages = [event.usage for event in events if isinstance(event, StepFinished)]
    for step, (before, after) in enumerate(pairwise(usages), 2):
        new = after.prompt_tokens - before.prompt_tokens
        recomputed = after.prompt_tokens - (after.cached_tokens or 0)
        assert recomputed <= new + MATCH_UNIT, f"step {step}: {recomputed} recomputed for {new} new tokens"
