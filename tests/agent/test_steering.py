"""Remarks to a running turn: read at the next step, after the results, with every prompt still a prefix of the next."""

import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent import events
from agent.client import ModelRequest
from agent.errors import SessionError
from agent.history import history
from agent.json_types import as_text
from agent.messages import steer_text
from agent.session import Session
from agent.transcript import Transcript
from agent.turn import ModelTurn
from tests.agent.harness import Bench
from tests.fakes.model import Answer, ScriptedModel, call, says


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path, ScriptedModel([]))
    yield made
    made.close()


class Steered:
    """A session whose model answers while a person writes remarks into chosen steps."""

    def __init__(self, bench: Bench, *steps: tuple[tuple[str, ...], ModelTurn]) -> None:
        self._steps = steps
        bench.model = ScriptedModel([self._answer(number) for number in range(len(steps))])
        self.session: Session = bench.open()

    def _answer(self, number: int) -> Answer:
        remarks, answer = self._steps[number]

        def speak(request: ModelRequest) -> ModelTurn:
            for remark in remarks:
                self.session.steer(remark)
            return answer

        return speak


def contents(prompt: list[bytes]) -> list[tuple[str, str]]:
    wires = [json.loads(fragment) for fragment in prompt]
    return [(as_text(wire["role"]), as_text(wire["content"])) for wire in wires]


async def test_a_remark_is_read_at_the_next_step_behind_the_results(bench: Bench) -> None:
    steered = Steered(
        bench,
        (("use tabs",), says(call("bash", command="echo one"), call("bash", command="echo two"), thought="hm")),
        ((), says(text="ok")),
    )
    outcome = await steered.session.run("go")
    assert (outcome.status, outcome.unheard) == ("done", ())
    roles = [role for role, _ in contents(bench.model.prompts[1])]
    assert roles == ["system", "user", "assistant", "tool", "tool", "user"]
    assert contents(bench.model.prompts[1])[-1][1] == f"<tool_response>\n{steer_text('use tabs')}\n</tool_response>"
    assert bench.of_kind(events.Steered) == [events.Steered("use tabs")]


@settings(deadline=None, max_examples=15)
@given(
    remarks=st.lists(
        st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20), max_size=3),
        min_size=2,
        max_size=5,
    )
)
async def test_every_prompt_extends_the_one_before_and_a_reopened_session_has_the_same(
    remarks: list[list[str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    bench = Bench(tmp_path_factory.mktemp("steered"), ScriptedModel([]))
    calls = says(call("str_replace_editor", command="view", path="."), thought="look")
    steps = [(tuple(each), calls) for each in remarks[:-1]]
    steered = Steered(bench, *steps, ((), says(text="ok")))
    await steered.session.run("go")
    prompts = bench.model.prompts
    for before, after in pairwise(prompts):
        assert after[: len(before)] == before
    said = [remark for each in remarks[:-1] for remark in each]
    assert [event.text for event in bench.seen if isinstance(event, events.Steered)] == said
    assert [event.text for event in history(bench.logs[0]) if isinstance(event, events.Steered)] == said
    assert Transcript.from_log(bench.logs[0]).fragments[: len(prompts[-1])] == prompts[-1]
    bench.close()


async def test_what_comes_too_late_is_given_back(bench: Bench) -> None:
    steered = Steered(bench, (("also the docs", "and tests"), says(text="done")))
    outcome = await steered.session.run("go")
    assert outcome.unheard == ("also the docs", "and tests")
    again = bench.reopen(says(text="ok"))
    await again.run("next")
    assert all("also the docs" not in content for _, content in contents(bench.model.prompts[0]))


async def test_a_remark_survives_the_process(bench: Bench) -> None:
    class Killed(BaseException):
        """Stands for kill -9: nothing behind it runs."""

    steered: list[Session] = []

    def dies(request: ModelRequest) -> ModelTurn:
        steered[0].steer("use tabs")
        raise Killed

    bench.model = ScriptedModel([dies])
    steered.append(bench.open())
    with pytest.raises(BaseException):  # noqa: B017, PT011  # a group around what the test raised
        await steered[0].run("go")
    session = bench.reopen(says(call("bash", command="echo one")), says(text="ok"))
    outcome = await session.resume()
    assert outcome.status == "done"
    assert "use tabs" in contents(bench.model.prompts[-1])[-1][1]


async def test_without_a_turn_there_is_nothing_to_steer(bench: Bench) -> None:
    session = bench.open()
    with pytest.raises(SessionError, match="as a request"):
        session.steer("use tabs")
