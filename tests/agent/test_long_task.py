"""400 steps on a server of 32,768 tokens, counted with Qwen's own tokenizer, to the end."""

from itertools import pairwise
from pathlib import Path

import pytest

from tests.agent.served import NOTES, append_only, served
from tests.fakes.counting_vllm import Asked, CountingVllm, Said

STEPS = 400
TASK = "Make every test of this repository pass.\nDo not change the public names: `parse`, `Tree`."
THOUGHT = "I have seen what the last output says, and what is to be done next follows from it."


class Worker:
    """Goes through commands, views and edits, numbered, and sums up when it is asked to."""

    def __init__(self) -> None:
        self.done = 0

    def __call__(self, asked: Asked) -> Said:
        if asked.for_summary:
            return Said(f"{NOTES}\nStep {self.done} is done.")
        self.done += 1
        n = self.done
        if n == STEPS:
            return Said("All is done.", (("submit", {}),), "Finished.")
        kinds: list[tuple[tuple[str, dict[str, object]], ...]] = [
            (("bash", {"command": f"seq {n * 7} {n * 7 + 150}"}),),
            (("str_replace_editor", {"command": "create", "path": f"f{n}.py", "file_text": f"value = {n}\n" * 40}),),
            (("bash", {"command": f"cat f{n - 1}.py; echo {n}"}), ("search", {"pattern": "value", "path": "."})),
            (("bash", {"command": f"echo 'E   AssertionError: step {n}'; false"}),),
        ]
        return Said(f"Step {n}.", kinds[n % len(kinds)], " ".join([THOUGHT] * (n % 5 + 1)))  # type: ignore[arg-type]


@pytest.mark.timeout(400)
async def test_four_hundred_steps_fit_into_a_small_context(tmp_path: Path) -> None:
    vllm = CountingVllm(Worker())
    async with served(tmp_path, vllm) as made:
        outcome = await made.session.run(TASK)
        assert (outcome.status, outcome.steps, vllm.refused) == ("done", STEPS, [])
        steps = [asked for asked in vllm.asked if not asked.for_summary]
        summaries = [asked for asked in vllm.asked if asked.for_summary]
        assert len(steps) == STEPS
        assert all(TASK in asked.prompt for asked in vllm.asked)
        compactions = made.compactions()
        assert len(summaries) == sum(event.kind == "summary" for event in compactions) >= 5
        assert not any(event.problem for event in compactions)
        assert len(compactions) <= STEPS // 10
        assert all(event.after < event.before * 0.7 for event in compactions)
        # Between two compactions the prompt only grows, so the server computes what is new and nothing else.
        assert len(append_only(vllm.asked, vllm)) == len(compactions)
        for before, asked in pairwise(vllm.asked):
            assert not asked.for_summary or asked.cached > before.tokens
        assert sum(1 for _ in made.log.entries("result")) == STEPS + STEPS // 4
