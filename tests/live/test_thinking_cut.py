"""Thinking that is cut, on a real vLLM: the stream is closed, the thought is carried on, nothing cached is lost.

vLLM 0.32 keeps the state of a hybrid model at the end of a prompt, not of what was written after it, also when an
answer ends by itself. So the request after a cut one finds all of the cut one's prompt, and the next one the thought.
"""

import random
import uuid
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path

import pytest

from agent import events
from agent.client import VllmClient
from agent.json_types import as_object, as_text
from agent.log import SessionLog
from agent.opening import Parts
from agent.session import Session, open_session
from agent.settings import Endpoint, Settings
from agent.thinking import Budgets
from tests.fakes.sandbox import FolderSandbox
from tests.live.server import Vllm
from tools.registry import toolset

pytestmark = [pytest.mark.live, pytest.mark.timeout(240)]
MATCH_UNIT = 16
BUDGET = 300
LONG = "You mend programs with care. " * 200
LOOK: dict[str, object] = {"name": "bash", "arguments": {"command": "seq 1 300"}}
DONE: dict[str, object] = {"think": "Finished.", "say": "Done.", "calls": [{"name": "submit", "arguments": {}}]}


def thoughts(count: int) -> str:
    luck = random.Random(count)
    return " ".join(luck.choice(["line", "file", "state", "parser", "because", "value"]) for _ in range(count))


@dataclass(slots=True)
class Talk:
    session: Session
    log: SessionLog
    name: str
    seen: list[events.Event] = field(default_factory=list[events.Event])

    def modes(self) -> list[bool]:
        return [event.thinking for event in self.seen if isinstance(event, events.StepStarted)]

    def faults(self) -> str:
        return " ".join(event.fault for event in self.seen if isinstance(event, events.FaultHandled))


@asynccontextmanager
async def talk(vllm: Vllm, folder: Path, settings: Settings, *turns: dict[str, object]) -> AsyncGenerator[Talk]:
    name = f"CUT-{uuid.uuid4().hex}"
    vllm.script(name, list(turns))
    (folder / "tree").mkdir()
    log = SessionLog.open(folder / "log.sqlite", create=True)
    client = VllmClient(settings.endpoint, 120.0)
    seen: list[events.Event] = []
    sandbox = FolderSandbox(folder / "tree", folder)
    try:
        parts = Parts(sandbox, toolset(person=False), client, None, seen.append, instructions=name + LONG)
        yield Talk(open_session(log, settings, parts), log, name, seen)
    finally:
        await client.close()
        log.close()
        (vllm.scripts / f"{name}.json").unlink()


def settings_for(vllm: Vllm) -> Settings:
    endpoint = Endpoint(vllm.base_url, "Qwen/Qwen3.5-122B-A10B", context_tokens=65536)
    return replace(Settings(endpoint), budgets=Budgets(BUDGET, BUDGET, BUDGET, BUDGET, BUDGET, BUDGET))


async def test_thinking_over_its_budget_is_cut_carried_on_and_cached(vllm: Vllm, tmp_path: Path) -> None:
    over: dict[str, object] = {"think": thoughts(3000), "say": "never said"}
    direct: dict[str, object] = {"think": "not asked for", "say": "I look.", "calls": [LOOK]}
    first: dict[str, object] = {"think": "Begin.", "say": "Go.", "calls": [LOOK]}
    async with talk(vllm, tmp_path, settings_for(vllm), first, over, direct, DONE) as held:
        settings = await held.session.run(f"{held.name}: work", thinking="always")
        assert (settings.status, settings.summary) == ("done", "Done.")
        assert held.modes() == [True, True, False, True]
        assert "thinking reached its budget" in held.faults()
        answers = [entry.data for entry in held.log.entries("assistant")]
    cut = as_text(answers[1].get("reasoning"))
    assert thoughts(3000).startswith(cut.strip())
    assert BUDGET * 0.7 < len(cut.split()) < BUDGET * 1.3
    assert not answers[2].get("reasoning")
    prompts = [as_object(answer.get("usage")) for answer in answers]
    counts = [(int(str(usage.get("prompt_tokens", 0))), int(str(usage.get("cached_tokens") or 0))) for usage in prompts]
    # The cut answer's own usage never came; what the server had to compute for it is known from the step before.
    (before, _), _, (follow_up, cached), (after, cached_after) = counts
    assert cached >= before, "the follow-up must find everything up to the cut answer's prompt, bar its newest part"
    assert follow_up - before >= BUDGET * 0.7, "the thought must be part of the next prompt"
    assert after - cached_after <= after - follow_up + MATCH_UNIT, "and be found in the cache from then on"


async def test_a_loop_is_cut_said_once_and_answered_without_thought(vllm: Vllm, tmp_path: Path) -> None:
    loop: dict[str, object] = {"raw": "Let me see. ", "loop": "Wait, let me think again about the parser. "}
    direct: dict[str, object] = {"say": "I look.", "calls": [LOOK]}
    settings = replace(settings_for(vllm), budgets=Budgets(*[20_000] * 6))
    async with talk(vllm, tmp_path, settings, loop, direct, DONE) as held:
        outcome = await held.session.run(f"{held.name}: work")
        assert outcome.status == "done"
        assert held.modes()[:2] == [True, False]
        assert "repeated itself" in held.faults()
        assert "budget" not in held.faults()
        kept = as_text(next(held.log.entries("assistant")).data.get("reasoning"))
    assert kept.count("think again") <= 2


async def test_the_servers_own_limit_is_told_apart(vllm: Vllm, tmp_path: Path) -> None:
    over: dict[str, object] = {"think": thoughts(3000), "say": "never said"}
    direct: dict[str, object] = {"say": "I look.", "calls": [LOOK]}
    settings = replace(settings_for(vllm), budgets=Budgets(*[0] * 6), answer_tokens=400)
    async with talk(vllm, tmp_path, settings, over, direct, DONE) as held:
        outcome = await held.session.run(f"{held.name}: work")
        assert outcome.status == "done"
        assert held.modes()[:2] == [True, False]
        assert "token limit" in held.faults()
        assert "budget" not in held.faults()
        assert "repeated" not in held.faults()


async def test_a_cut_costs_the_cache_no_more_than_an_answer_that_ends_by_itself(vllm: Vllm, tmp_path: Path) -> None:
    """The same conversation, once within its budget: every step recomputes its new tokens and at most 16."""
    first: dict[str, object] = {"think": thoughts(BUDGET // 2), "say": "Go.", "calls": [LOOK]}
    async with talk(vllm, tmp_path, settings_for(vllm), first, first, first, DONE) as held:
        assert (await held.session.run(f"{held.name}: work", thinking="always")).status == "done"
        usages = [event.usage for event in held.seen if isinstance(event, events.StepFinished)]
    for before, after in pairwise(usages):
        assert (after.cached_tokens or 0) >= before.prompt_tokens - MATCH_UNIT
        assert (after.cached_tokens or 0) < before.prompt_tokens + before.completion_tokens
