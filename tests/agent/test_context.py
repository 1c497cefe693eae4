"""Making room: what is masked, and that a long task on a small server comes to its end."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent import events
from agent.client import ModelRequest
from agent.context import KEEP_RESULTS, MOST_RESULT_BYTES, ResultSize, bounded, masked, plan_masking
from agent.settings import Endpoint
from agent.turn import ModelTurn
from tests.agent.harness import Bench
from tests.fakes.model import ScriptedModel, call, says

SIZES = st.lists(st.integers(0, 20_000), max_size=60)


@given(SIZES, st.integers(0, 200_000))
def test_the_newest_results_stay_and_no_more_is_masked_than_needed(sizes: list[int], prompt: int) -> None:
    results = [ResultSize(number + 1, size) for number, size in enumerate(sizes)]
    found = plan_masking(results, prompt, 100_000)
    if found is None:
        return
    assert found.upto <= len(results) - KEEP_RESULTS
    assert found.tokens > 0
    one_less = plan_masking(results[: found.upto - 1 + KEEP_RESULTS], prompt, 100_000)
    assert one_less is None or one_less.tokens <= found.tokens


@given(st.text(max_size=2000))
def test_a_masked_text_is_never_longer_by_much_and_says_what_is_missing(text: str) -> None:
    shown = masked(text)
    assert shown == text or (f"{len(text):,} characters" in shown and len(shown) < 400)


@given(st.text(max_size=300), st.integers(0, 300))
def test_a_result_is_bounded_in_bytes_and_says_so(text: str, times: int) -> None:
    shown = bounded(text * times)
    assert len(shown.encode()) <= MOST_RESULT_BYTES + 100
    assert shown == text * times or "bytes in the middle of this result were left out" in shown


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path, ScriptedModel([]))
    made.settings = replace(made.settings, endpoint=Endpoint("http://test/v1", "test", context_tokens=16_000))
    yield made
    made.close()


def counted(turn: ModelTurn, request: ModelRequest) -> ModelTurn:
    """The turn with the usage that a server would report, at four bytes a token; a prompt too long fails the test."""
    assert turn.usage is not None
    prompt = (sum(map(len, request.messages)) + len(request.tools)) // 4
    assert prompt + request.max_tokens <= 16_000
    return replace(turn, usage=replace(turn.usage, prompt_tokens=prompt))


async def test_a_long_task_on_a_small_server_completes(bench: Bench) -> None:
    steps = 120

    def answer(number: int) -> ModelTurn:
        return (
            says(call("bash", command=f"seq {number * 1000} {number * 1000 + 400}"))
            if number < steps
            else says(text="ok")
        )

    bench.model = ScriptedModel([lambda request, n=number: counted(answer(n), request) for number in range(steps + 1)])
    outcome = await bench.open().run("count")
    assert (outcome.status, outcome.steps) == ("done", steps + 1)
    notices = [event for event in bench.seen if isinstance(event, events.Notice)]
    assert 2 <= len(notices) <= steps // 4
    assert all(b"count" in prompt[1] for prompt in bench.model.prompts)
    log = bench.logs[0]
    assert all("left out to make room" not in str(entry.data["text"]) for entry in log.entries("result"))


async def test_a_resumed_session_sends_the_masked_history(bench: Bench) -> None:
    bench.model = ScriptedModel(
        [
            lambda request, n=number: counted(says(call("bash", command=f"seq {n} {n + 900}")), request)
            for number in range(14)
        ]
    )
    bench.settings = replace(bench.settings, limits=replace(bench.settings.limits, steps=14))
    await bench.open().run("count")
    bench.settings = replace(bench.settings, limits=replace(bench.settings.limits, steps=99))
    before = bench.model.prompts[-1]
    await bench.reopen(says(text="ok")).resume()
    assert bench.model.prompts[0][: len(before)] == before
