"""What a new request of the user costs, on whatever chat template the server has."""

from pathlib import Path

import httpx2
import pytest

from tests.live.new_request import MODEL, measure
from tests.live.server import Vllm

pytestmark = [pytest.mark.live, pytest.mark.timeout(180)]
MATCH_UNIT = 16
STEPS = 6


def keeps_reasoning(server: Vllm) -> bool:
    """Whether the template keeps the reasoning of an earlier request when it is asked to."""
    messages = [
        {"role": "user", "content": "one"},
        {"role": "assistant", "content": "two", "reasoning": "because " * 50, "reasoning_content": "because " * 50},
        {"role": "user", "content": "three"},
    ]
    counts: list[int] = []
    for keep in (True, False):
        body = {"model": MODEL, "messages": messages, "chat_template_kwargs": {"preserve_thinking": keep}}
        answer = httpx2.post(f"{server.base_url.removesuffix('/v1')}/tokenize", json=body, timeout=60)
        counts.append(answer.raise_for_status().json()["count"])
    return counts[0] > counts[1]


async def test_a_new_request_costs_what_the_template_takes_away_and_no_more(vllm: Vllm, tmp_path: Path) -> None:
    """With reasoning kept: the new tokens and 16. Without: everything from the first answer of the request before."""
    keeps = keeps_reasoning(vllm)
    told = await measure(vllm, STEPS, True, tmp_path / "session")
    computed = told.asked.recomputed_tokens
    assert computed is not None
    if keeps:
        assert computed <= told.asked.prompt_tokens - told.last.prompt_tokens + MATCH_UNIT
    else:
        assert told.asked.prompt_tokens < told.last.prompt_tokens, "the template dropped nothing"
        assert computed <= told.asked.prompt_tokens - told.first.prompt_tokens + 2 * MATCH_UNIT
        assert computed > (told.asked.prompt_tokens - told.first.prompt_tokens) // 2
    assert told.after.new_tokens is not None
    assert told.after.recomputed_tokens is not None
    assert told.after.recomputed_tokens <= told.after.new_tokens + MATCH_UNIT
