"""Failures of the table, produced by a real vLLM and survived by a real session.

What the model writes is scripted; parsing, billing, errors and finish reasons are the server's.
"""

import uuid
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx2
import pytest

from agent import events
from agent.client import VllmClient
from agent.json_types import as_text
from agent.log import SessionLog
from agent.opening import Parts
from agent.session import Outcome, open_session
from agent.settings import Endpoint, Settings, TurnLimits
from agent.thinking import Budgets
from tests.fakes.sandbox import FolderSandbox
from tests.live.server import Vllm
from tools.registry import toolset

pytestmark = [pytest.mark.live, pytest.mark.timeout(300)]

EDITOR = "str_replace_editor"


@dataclass(slots=True)
class Stage:
    """A folder, a server, and one session whose model says what the script says."""

    folder: Path
    server: Vllm
    settings: Settings
    counts: dict[str, int] = field(default_factory=dict[str, int])
    results: list[events.CallFinished] = field(default_factory=list[events.CallFinished])

    @property
    def tree(self) -> Path:
        return self.folder / "tree"

    async def play(self, *turns: dict[str, object], settings: Settings | None = None) -> Outcome:
        name = f"FAILURE-{uuid.uuid4().hex}"
        for folder in (self.tree, self.folder / "scratch"):
            folder.mkdir()
        chosen = settings or self.settings
        client = VllmClient(replace(chosen.endpoint), 120.0)
        log = SessionLog.open(self.folder / "log.sqlite", create=True)
        log.update_meta(id=name)
        sandbox = FolderSandbox(self.tree, self.folder / "scratch")
        session = open_session(log, chosen, Parts(sandbox, toolset(person=False), client, None, self._see))
        self.server.script(name, list(turns))
        try:
            return await session.run(name)
        finally:
            (self.server.scripts / f"{name}.json").unlink()
            await client.close()
            for entry in log.entries("failure"):
                counter = as_text(entry.data.get("counter"))
                self.counts[counter] = self.counts.get(counter, 0) + 1
            log.close()

    def _see(self, event: events.Event) -> None:
        if isinstance(event, events.CallFinished):
            self.results.append(event)


@pytest.fixture
async def stage(vllm: Vllm, tmp_path: Path) -> Stage:
    async with httpx2.AsyncClient() as http:
        model = (await http.get(f"{vllm.base_url}/models")).json()["data"][0]
    endpoint = Endpoint(vllm.base_url, model["id"], context_tokens=model["max_model_len"])
    return Stage(tmp_path, vllm, Settings(endpoint, answer_tokens=4096))


def xml(tool: str, *parameters: tuple[str, str]) -> str:
    values = "".join(f"<parameter={key}>\n{value}\n</parameter>\n" for key, value in parameters)
    return f"<tool_call>\n<function={tool}>\n{values}</function>\n</tool_call>"


LIST = xml("bash", ("command", "touch ran"))
THEN: dict[str, object] = {"say": "All done."}
CUT = "<p>A call ends with\n</parameter>\nand these two lines are lost,\nwithout a word from the server."


@pytest.mark.parametrize(
    ("raw", "counter", "ran", "says"),
    [
        (f"I should run it.\n{LIST}", "", True, ""),
        (f"Run.\n</think>\n\n{LIST.removeprefix('<tool_call>')}", "", True, ""),
        (f"Run.\n</think>\n\n{LIST.removesuffix('</tool_call>')}", "", True, ""),
        (f"Run.\n</think>\n\n{LIST[: LIST.index('</parameter>')]}", "call_damaged", False, "arrived damaged"),
        (
            "Run.\n</think>\n\n" + xml("bash", ("command", "echo one"), ("command", "touch ran")),
            "call_damaged",
            False,
            "arrived damaged",
        ),
        (
            "Run.\n</think>\n\n" + xml("bash", ("command", "touch ran # </function> here")),
            "call_damaged",
            False,
            "arrived damaged",
        ),
        (
            "Run.\n</think>\n\n" + xml(EDITOR, ("command", "create"), ("path", "ran"), ("file_text", CUT)),
            "value_cut",
            False,
            "did not arrive",
        ),
        (
            "Run.\n</think>\n\n" + xml("bash", ("command", "touch ran"), ("timeout", "soon")),
            "arguments_invalid",
            False,
            "must be",
        ),
        ("Run.\n</think>\n\n" + xml("bsh", ("command", "touch ran")), "tool_unknown", False, "Did you mean 'bash'"),
    ],
)
async def test_calls(stage: Stage, raw: str, counter: str, ran: bool, says: str) -> None:
    outcome = await stage.play({"raw": raw}, THEN)
    assert (outcome.status, outcome.summary) == ("done", "All done.")
    assert stage.counts == ({counter: 1} if counter else {})
    assert (stage.tree / "ran").exists() == ran
    assert says in stage.results[0].text


@pytest.mark.parametrize(
    ("turn", "counter"),
    [
        ({"raw": 'Run.\n</think>\n\n<tool_call>\n{"name": "bash", "arguments": {}}\n</tool_call>'}, "call_dropped"),
        ({"think": "Ok.", "say": "Let me run the tests."}, "call_announced"),
    ],
)
async def test_answers(stage: Stage, turn: dict[str, object], counter: str) -> None:
    outcome = await stage.play(turn, THEN)
    assert (outcome.status, outcome.summary) == ("done", "All done.")
    assert stage.counts == {counter: 1}


async def test_empty_answers_climb_the_ladder(stage: Stage) -> None:
    """Empty answers leave no trace in the prompt, so the script gives the same again until a call is required."""
    outcome = await stage.play({"raw": ""})
    assert outcome.status == "failed"
    assert stage.counts["empty_answer"] >= 3


async def test_a_required_call_that_the_grammar_cannot_make(stage: Stage) -> None:
    """Two announcements, and then a required call where the model would rather talk."""
    talk: dict[str, object] = {"raw": "I will now run the tests:"}
    outcome = await stage.play({"think": "Ok.", "say": "Let me run the tests."}, talk, talk)
    assert outcome.status == "done"
    assert stage.counts["force_refused"] == 1
    assert "server_failed" not in stage.counts
    assert "stream_error" not in stage.counts


async def test_endless_reasoning_is_cut(stage: Stage) -> None:
    thoughts = " ".join(f"Case {number} is not it." for number in range(400))
    settings = replace(stage.settings, budgets=Budgets(first=200, other=200))
    outcome = await stage.play({"think": thoughts, "say": "Late."}, THEN, settings=settings)
    assert (outcome.status, outcome.summary) == ("done", "All done.")
    assert stage.counts == {"reasoning_over_budget": 1}


async def test_a_loop_is_cut(stage: Stage) -> None:
    outcome = await stage.play({"raw": "Hm. ", "loop": "Wait, let me think about this again. "}, THEN)
    assert (outcome.status, outcome.summary) == ("done", "All done.")
    assert stage.counts == {"answer_repeats": 1}


@pytest.mark.parametrize(
    ("turn", "counter"),
    [
        ({"raw": "Hm. ", "loop": "One more thought. "}, "cut_in_reasoning"),
        ({"think": "Ok.", "say": "no", "loop": " no"}, "cut_in_text"),
        (
            {"raw": "Ok.\n</think>\n\n<tool_call>\n<function=bash>\n<parameter=command>\necho", "loop": " one two"},
            "cut_in_call",
        ),
    ],
)
async def test_cut_by_the_token_limit(stage: Stage, turn: dict[str, object], counter: str) -> None:
    settings = replace(stage.settings, answer_tokens=120)
    outcome = await stage.play(turn, THEN, settings=settings)
    assert (outcome.status, outcome.summary) == ("done", "All done.")
    assert stage.counts == {counter: 1}


async def test_a_context_that_is_smaller_than_thought(stage: Stage) -> None:
    """The client believes in ten times the server's context; the server's refusal teaches the truth, once."""
    endpoint = replace(stage.settings.endpoint, context_tokens=stage.settings.endpoint.context_tokens * 10)
    command = "for i in $(seq 1 6000); do echo $i$i; done | head -c 40000 | tr -d '\\n' | fold -w 100"
    # What is left out when room is made must not move the script's place: each result names the next step.
    calls: list[dict[str, object]] = [
        {
            "when": {"last_contains": f"AFTER-{number}"},
            "calls": [{"name": "bash", "arguments": {"command": f"{command}; echo; echo AFTER-{number + 1}"}}],
        }
        for number in range(5)
    ]
    calls[0].pop("when")
    calls.append({"when": {"last_contains": "AFTER-5"}, "say": "All done."})
    settings = replace(stage.settings, endpoint=endpoint, thinking="never", limits=TurnLimits(steps=12))
    outcome = await stage.play(*calls, settings=settings)
    assert stage.counts.get("context_overflow", 0) >= 1
    # Whether room can be made of so few results is not the question here.
    assert outcome.status in ("done", "limit")
    assert outcome.error is None
