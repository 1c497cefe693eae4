"""`qwright doctor` on a real vLLM whose model calls, thinks and counts as it is asked to, and on one that does not."""

import uuid
from collections.abc import Iterator

import pytest

from serving.doctor import cache, extras, thinking, tools
from serving.doctor.finding import Finding
from serving.doctor.run import examine
from serving.doctor.server import Wanted
from serving.doctor.wire import Wire
from tests.live.server import Vllm

pytestmark = [pytest.mark.live, pytest.mark.timeout(180)]


def call(word: str) -> str:
    return f"<tool_call>\n<function=report_word>\n<parameter=word>\n{word}\n</parameter>\n</function>\n</tool_call>"


@pytest.fixture
def obliging(vllm: Vllm) -> Iterator[Vllm]:
    """A model that does what each probe asks for."""
    turns: dict[str, dict[str, object]] = {
        tools.QUESTION: {"raw": call("blue")},
        tools.STRICT_QUESTION: {"raw": call(tools.CODE)},
        thinking.QUESTION: {"think": "g, r, a, n, i, t, e.", "say": "7"},
        extras.COUNTING: {"say": ", ".join(map(str, range(1, 41)))},
        cache.QUESTION: {"say": ", ".join(map(str, range(1, 13)))},
    }
    names = [f"DOCTOR-{uuid.uuid4().hex}" for _ in turns]
    for name, (question, turn) in zip(names, turns.items(), strict=True):
        vllm.script(name, [turn], match=question)
    yield vllm
    for name in names:
        (vllm.scripts / f"{name}.json").unlink()


async def examined(vllm: Vllm) -> dict[str, Finding]:
    async with Wire() as wire:
        found = [finding async for _, finding in examine(Wanted(vllm.base_url, budget_s=150), wire)]
    return {finding.name: finding for finding in found}


async def test_a_good_server_has_no_fault(obliging: Vllm) -> None:
    found = await examined(obliging)
    # How quick a processor serves while other tests run beside this one is no property of the server's settings.
    faults = {name: finding.seen for name, finding in found.items() if finding.status != "ok" and name != "speed"}
    assert faults == {}
    assert found["server"].figures["kind"] == "vllm"
    assert found["reasoning in history"].figures["reasoning"] == found["reasoning in history"].figures["both"]
    extra = found["growing conversation"].figures["extra_tokens"]
    assert isinstance(extra, list)
    assert max(extra) <= 16


async def test_a_model_with_other_words_is_not_taken_for_a_broken_server(vllm: Vllm) -> None:
    """Nothing is scripted for the probes: no check may find a fault in the server."""
    found = await examined(vllm)
    assert {finding.status for finding in found.values()} == {"ok", "skip"}
    for name in ("reachable", "chat template", "reasoning parser", "thinking switch", "reasoning in history"):
        assert found[name].status == "ok", found[name]
    for name in ("tool calls", "forced tool calls"):
        assert found[name].seen.startswith("could not tell"), found[name]
