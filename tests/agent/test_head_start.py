"""The first request on its way before the machine is there: asked once, dropped when it is not the one, never lost."""

import asyncio
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.client import ModelItem, ModelRequest, TurnComplete
from agent.errors import EndpointBusy
from agent.head_start import HeadStart
from agent.log import SessionLog
from agent.messages import UserMessage, wire_bytes
from agent.opening import Parts, expected_request, open_engine
from agent.session import session_over
from agent.settings import Endpoint, Settings
from agent.thinking import DIRECT_SAMPLING, POLICIES, Policy, StepMode
from tests.fakes.model import ScriptedModel, call, says
from tests.fakes.sandbox import FolderSandbox
from tools.registry import toolset

REQUEST = ModelRequest([wire_bytes(UserMessage("hi"))], b"[]", StepMode(False, 0, DIRECT_SAMPLING, "test"), 100)


async def taken(client: HeadStart, request: ModelRequest) -> list[ModelItem]:
    async with aclosing(client.stream(request)) as items:
        return [item async for item in items]


async def test_the_same_request_is_asked_once() -> None:
    model = ScriptedModel([says(text="well")])
    client = HeadStart(model)
    client.begin(REQUEST)
    await asyncio.sleep(0)
    assert len(model.requests) == 1
    items = await taken(client, replace(REQUEST))
    assert isinstance(items[-1], TurnComplete)
    assert "".join(item.text for item in items[:-1] if not isinstance(item, TurnComplete)) == "well"
    assert len(model.requests) == 1
    await client.close()


async def test_another_request_takes_the_first_one_back() -> None:
    model = ScriptedModel([says(text="first"), says(text="second")], delay_s=0.01)
    client = HeadStart(model)
    client.begin(REQUEST)
    await asyncio.sleep(0.001)
    items = await taken(client, replace(REQUEST, force=True))
    assert isinstance(items[-1], TurnComplete)
    assert items[-1].turn.content == "second"
    assert (len(model.requests), model.cancelled) == (2, 1)
    await client.close()


async def test_a_request_that_nobody_asks_for_is_taken_back_at_the_end() -> None:
    model = ScriptedModel([says(text="first")], delay_s=60.0)
    client = HeadStart(model)
    client.begin(REQUEST)
    await asyncio.sleep(0.001)
    await client.close()
    assert model.cancelled == 1
    assert [task for task in asyncio.all_tasks() if task is not asyncio.current_task()] == []


async def test_its_error_reaches_whoever_asks_and_the_next_attempt_is_a_new_one() -> None:
    model = ScriptedModel([EndpointBusy("busy"), says(text="well")])
    client = HeadStart(model)
    client.begin(REQUEST)
    await asyncio.sleep(0.001)
    with pytest.raises(EndpointBusy):
        await taken(client, REQUEST)
    assert isinstance((await taken(client, REQUEST))[-1], TurnComplete)
    await client.close()


@pytest.mark.parametrize("policy", [None, *POLICIES])
@pytest.mark.parametrize("context", [0, 32768, 262144])
@settings(max_examples=10)
@given(task=st.text(min_size=1).filter(str.strip))
def test_the_machine_asks_first_what_was_expected(
    tmp_path_factory: pytest.TempPathFactory, policy: Policy | None, context: int, task: str
) -> None:
    asyncio.run(_run_with_head_start(tmp_path_factory.mktemp("session"), policy, context, task))


async def _run_with_head_start(folder: Path, policy: Policy | None, context: int, task: str) -> None:
    model = ScriptedModel([says(call("submit"))])
    log = SessionLog.open(folder / "log.sqlite", create=True)
    log.update_meta(id="test")
    client = HeadStart(model)
    (folder / "tree").mkdir()
    parts = Parts(FolderSandbox(folder / "tree"), toolset(person=False), client, None, lambda event: None)
    engine = open_engine(log, Settings(Endpoint("http://test/v1", "m", context_tokens=context)), parts)
    expected = expected_request(engine, task, policy)
    assert expected is not None
    client.begin(expected)
    outcome = await session_over(engine).run(task, policy)
    await client.close()
    log.close()
    assert outcome.status == "done"
    assert len(model.requests) == 1
