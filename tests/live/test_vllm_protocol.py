"""The client end to end against a real vLLM: what a model writes, and what arrives of it.

Each test writes its own script, found by a text that no other request holds.
"""

import asyncio
import json
import re
import uuid
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass, field, replace

import httpx2
import pytest

from agent import errors
from agent.client import ModelItem, ModelRequest, TurnComplete, VllmClient
from agent.failures.faults import Answer, Calls, Faulty, judge, parsed_arguments, valid_arguments
from agent.messages import AssistantMessage, Message, SystemMessage, ToolCall, ToolMessage, UserMessage, wire_bytes
from agent.settings import Endpoint
from agent.thinking import DIRECT_SAMPLING, THINKING_SAMPLING, StepMode
from agent.turn import Delta, ModelTurn
from tests.agent.streams import TOOLS, accepts
from tests.live.server import Vllm
from tools.registry import wire_schema

pytestmark = [pytest.mark.live, pytest.mark.timeout(180)]

OFFERED = json.dumps(wire_schema(tuple(TOOLS.values()))).encode()
ON = StepMode(True, 4096, THINKING_SAMPLING, "test")
OFF = StepMode(False, 0, DIRECT_SAMPLING, "test")


@dataclass(slots=True)
class Line:
    """A client on the server, and a way to say what the model writes."""

    server: Vllm
    endpoint: Endpoint
    client: VllmClient
    names: list[str] = field(default_factory=list[str])

    def says(self, *turns: dict[str, object]) -> str:
        """The user's text that makes the model write these turns, one after the other."""
        name = f"PROTOCOL-{uuid.uuid4().hex}"
        self.names.append(name)
        self.server.script(name, list(turns))
        return name

    async def ask(
        self, *messages: Message, mode: StepMode = ON, max_tokens: int = 400, force: bool = False
    ) -> ModelTurn:
        items = [item async for item in self.items(*messages, mode=mode, max_tokens=max_tokens, force=force)]
        last = items[-1]
        assert isinstance(last, TurnComplete)
        return last.turn

    async def items(
        self, *messages: Message, mode: StepMode = ON, max_tokens: int = 400, force: bool = False
    ) -> AsyncGenerator[ModelItem, None]:
        request = ModelRequest([wire_bytes(message) for message in messages], OFFERED, mode, max_tokens, force)
        async with aclosing(self.client.stream(request)) as items:
            async for item in items:
                yield item

    async def get(self, path: str) -> str:
        async with httpx2.AsyncClient() as http:
            answer = await http.get(path)
            return answer.raise_for_status().text

    async def running(self) -> float:
        """Requests that the server is computing."""
        text = await self.get(self.endpoint.base_url.removesuffix("/v1") + "/metrics")
        return sum(float(value) for value in re.findall(r"^vllm:num_requests_running\{[^}]*\} (\S+)", text, re.M))

    async def until_idle(self) -> None:
        """Return when the server computes nothing. It has a gauge for that and no event, so it is asked."""
        for _ in range(300):
            if await self.running() == 0:
                return
            await asyncio.sleep(0.1)
        pytest.fail("the server goes on computing a cancelled request")


@pytest.fixture
async def line(vllm: Vllm) -> AsyncIterator[Line]:
    async with httpx2.AsyncClient() as http:
        model = (await http.get(f"{vllm.base_url}/models")).json()["data"][0]
    endpoint = Endpoint(vllm.base_url, model["id"], context_tokens=model["max_model_len"])
    client = VllmClient(endpoint, 120.0)
    made = Line(vllm, endpoint, client)
    yield made
    await client.close()
    for name in made.names:
        (vllm.scripts / f"{name}.json").unlink()


LOOK: dict[str, object] = {
    "think": "I should look.\nThen fix.",
    "say": "Ich schaue, 世界 👋.",
    "calls": [{"name": "bash", "arguments": {"command": 'echo "a b"\nls'}}],
}


async def test_thinking_on(line: Line) -> None:
    turn = await line.ask(UserMessage(line.says(LOOK)))
    assert turn.reasoning.strip() == "I should look.\nThen fix."
    assert turn.content.strip() == "Ich schaue, 世界 👋."
    assert [(call.name, parsed_arguments(call.arguments)) for call in turn.calls] == [
        ("bash", {"command": 'echo "a b"\nls'})
    ]
    assert turn.finish_reason == "tool_calls"
    assert turn.usage is not None
    assert 0 < turn.usage.reasoning_tokens < turn.usage.completion_tokens
    assert turn.usage.prompt_tokens > 100


async def test_thinking_off(line: Line) -> None:
    turn = await line.ask(UserMessage(line.says(LOOK)), mode=OFF)
    assert turn.reasoning == ""
    assert turn.content.strip() == "Ich schaue, 世界 👋."
    assert len(turn.calls) == 1
    assert turn.usage is not None
    assert turn.usage.reasoning_tokens == 0


async def test_pieces_arrive_one_by_one_and_add_up(line: Line) -> None:
    items = [item async for item in line.items(UserMessage(line.says(LOOK)))]
    deltas = [item for item in items if isinstance(item, Delta)]
    last = items[-1]
    assert isinstance(last, TurnComplete)
    for kind, text in (("reasoning", last.turn.reasoning), ("content", last.turn.content), ("call", "bash")):
        assert "".join(delta.text for delta in deltas if delta.kind == kind) == text
    assert len(deltas) > 5


async def test_two_calls_have_ids_of_their_own(line: Line) -> None:
    calls = [{"name": "bash", "arguments": {"command": command}} for command in ("pwd", "git status")]
    turn = await line.ask(UserMessage(line.says({"think": "Both.", "calls": calls})))
    assert [parsed_arguments(call.arguments) for call in turn.calls] == [{"command": "pwd"}, {"command": "git status"}]
    assert len({call.id for call in turn.calls}) == 2


async def test_history_goes_back_and_is_cached(line: Line) -> None:
    """The second request repeats the first and its answer; the server must find them again."""
    start: list[Message] = [
        SystemMessage("You mend programs. " + "Be careful and thorough. " * 500),
        UserMessage(line.says(LOOK, {"think": "Good.", "say": "Done."})),
    ]
    first = await line.ask(*start)
    answer = AssistantMessage(first.reasoning, first.content, first.calls)
    second = await line.ask(*start, answer, ToolMessage(first.calls[0].id, "calc.py"), mode=OFF)
    assert second.content.strip() == "Done."
    assert first.usage is not None
    assert second.usage is not None
    assert second.usage.cached_tokens is not None, "the server needs --enable-prompt-tokens-details"
    assert second.usage.cached_tokens > 640


async def test_a_required_call(line: Line) -> None:
    """With thinking off the answer is the call and nothing else; the script writes what the server's grammar wants."""
    raw = "<tool_call>\n<function=bash>\n<parameter=command>\nls\n</parameter>\n</function>\n</tool_call>"
    turn = await line.ask(UserMessage(line.says({"raw": raw})), mode=OFF, force=True)
    assert [(call.name, parsed_arguments(call.arguments)) for call in turn.calls] == [("bash", {"command": "ls"})]


async def test_cancelling_frees_the_server(line: Line) -> None:
    text = line.says({"raw": "Hm. ", "loop": "Wait, let me think again. "})
    async with aclosing(line.items(UserMessage(text), max_tokens=20_000)) as items:
        for _ in range(3):
            await anext(items)
        assert await line.running() >= 1

    await line.until_idle()


async def test_a_cancelled_task_frees_the_server(line: Line) -> None:
    text = line.says({"raw": "Hm. ", "loop": "Wait, let me think again. "})
    begun = asyncio.Event()

    async def ask() -> None:
        async for _ in line.items(UserMessage(text), max_tokens=20_000):
            begun.set()

    asking = asyncio.create_task(ask())
    await asyncio.wait_for(begun.wait(), 60)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    await line.until_idle()


async def test_context_overflow(line: Line) -> None:
    words = "word " * (line.endpoint.context_tokens + 100)
    with pytest.raises(errors.ContextOverflow, match="maximum context length"):
        await line.ask(UserMessage(words))


async def test_unknown_model_and_invalid_request(line: Line) -> None:
    wrong = VllmClient(replace(line.endpoint, model="no/such-model"), 30.0)
    request = ModelRequest([wire_bytes(UserMessage("hi"))], OFFERED, OFF, 10)
    with pytest.raises(errors.EndpointRefused, match="no/such-model"):
        async with aclosing(wrong.stream(request)) as items:
            await anext(items)
    await wrong.close()
    with pytest.raises(errors.RequestInvalid):
        await line.ask(UserMessage("hi"), SystemMessage("too late"))


async def test_damaged_arguments_in_the_history_are_made_valid(line: Line) -> None:
    """What would make the server refuse every later request never reaches it."""
    text = line.says({"say": "one"}, {"say": "two"})
    damaged = ['{"command": "ls', "", "[1]", '{"command": "a\\ud800b"}', '{"command": ' + "[" * 900 + "]" * 900 + "}"]
    calls = tuple(ToolCall(f"c{number}", "bash", valid_arguments(part)) for number, part in enumerate(damaged))
    results = [ToolMessage(call.id, "damaged \ud800") for call in calls]
    turn = await line.ask(UserMessage(text), AssistantMessage("hm \udcff", "", calls), *results, mode=OFF)
    assert turn.content == "two"


CALL = "<tool_call>\n<function=bash>\n<parameter=command>\nls\n</parameter>\n</function>\n</tool_call>"


@pytest.mark.parametrize(
    ("raw", "tools"),
    [
        (f"I should run it.\n{CALL}", ["bash"]),
        (f"Run.\n</think>\n\n{CALL.removeprefix('<tool_call>')}", ["bash"]),
        (f"Run.\n</think>\n\n{CALL.removesuffix('</tool_call>')}", ["bash"]),
        (f"Run.\n</think>\n\n{CALL.replace('bash', 'teleport')}", ["teleport"]),
    ],
)
async def test_odd_calls_that_the_server_recovers(line: Line, raw: str, tools: list[str]) -> None:
    verdict = judge(await line.ask(UserMessage(line.says({"raw": raw}))), accepts)
    assert isinstance(verdict, Calls)
    assert [call.name for call in verdict.calls] == tools
    assert all(parsed_arguments(call.arguments) is not None for call in verdict.calls)


async def test_a_call_that_is_never_closed_arrives_damaged(line: Line) -> None:
    raw = CALL[: CALL.index("\n</parameter>")]
    verdict = judge(await line.ask(UserMessage(line.says({"raw": f"Run.\n</think>\n\n{raw}"}))), accepts)
    assert isinstance(verdict, Calls)
    assert [parsed_arguments(call.arguments) for call in verdict.calls] == [None]


@pytest.mark.parametrize(
    ("turn", "mode", "fault"),
    [
        ({"raw": ""}, ON, "empty"),
        ({"raw": ""}, OFF, "empty"),
        ({"think": "Done, I believe."}, ON, "empty"),
        (
            {"raw": 'Run.\n</think>\n\n<tool_call>\n{"name": "bash", "arguments": {"command": "ls"}}\n</tool_call>'},
            ON,
            "announced",
        ),
        ({"raw": "Hm. ", "loop": "Wait, let me think again. "}, ON, "runaway"),
        ({"think": "Ok.", "say": "no", "loop": " no"}, ON, "truncated"),
        ({"think": "Ok.", "say": "Let me run the tests."}, ON, "announced"),
    ],
)
async def test_faulty_answers(line: Line, turn: dict[str, object], mode: StepMode, fault: str) -> None:
    verdict = judge(await line.ask(UserMessage(line.says(turn)), mode=mode, max_tokens=80), accepts)
    assert isinstance(verdict, Faulty)
    assert verdict.fault == fault


@pytest.mark.parametrize(
    "form", ["```json\n{}\n```", "{}", "<tool_response>\n{}\n</tool_response>", "I list them:\n{}"]
)
async def test_calls_in_json_outside_the_call_tags_are_rescued(line: Line, form: str) -> None:
    say = form.replace("{}", '{"name": "bash", "arguments": {"command": "ls"}}')
    verdict = judge(await line.ask(UserMessage(line.says({"say": say})), mode=OFF), accepts)
    assert isinstance(verdict, Calls)
    assert verdict.rescued
    assert [(call.name, parsed_arguments(call.arguments)) for call in verdict.calls] == [("bash", {"command": "ls"})]


async def test_a_plain_answer(line: Line) -> None:
    verdict = judge(await line.ask(UserMessage(line.says({"think": "Greet.", "say": "Hello, 世界!"}))), accepts)
    assert verdict == Answer("Hello, 世界!")
