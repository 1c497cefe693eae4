"""On a real vLLM and a real Docker engine: the figures of a session, and a container that is killed in mid-turn."""

import asyncio
import subprocess
import uuid
from contextlib import aclosing
from pathlib import Path

import pytest

from agent.events import CallOutput, Event
from agent.session import Outcome
from cli.pair.host import PairHost
from cli.pair.opening import host_for
from cli.parser import build_parser
from tests.e2e.conftest import Product
from tests.live.server import Vllm
from tui.faces.setup import Choice

pytestmark = [pytest.mark.docker, pytest.mark.live, pytest.mark.timeout(240)]
EDIT = {"command": "str_replace", "path": "calc.py", "old_str": "a - b", "new_str": "a + b"}


def host_over(repository: Path, vllm: Vllm, image: str, session: str = "") -> PairHost:
    arguments = ["pair", "--repo", str(repository), "--base-url", vllm.base_url, "--image", image]
    return host_for(build_parser().parse_args(arguments), Choice(session=session))


@pytest.fixture(autouse=True)
def folders(product: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("QWRIGHT_STATE_DIR", "QWRIGHT_CONFIG_DIR"):
        monkeypatch.setenv(name, product.environment[name])


async def test_the_figures_of_a_session(repository: Path, vllm: Vllm, docker_engine: str) -> None:
    name = f"FIGURES-{uuid.uuid4().hex}"
    turns: list[dict[str, object]] = [
        {"think": "I look first.", "calls": [{"name": "bash", "arguments": {"command": "seq 1 3000"}}]},
        {"say": "The sign.", "calls": [{"name": "str_replace_editor", "arguments": EDIT}]},
        {"say": "Done."},
    ]
    vllm.script(name, turns)
    (repository / "AGENTS.md").write_text("Use four blanks.\n" * 40)
    host = host_over(repository, vllm, docker_engine)
    try:
        await host.open(_unheard)
        outcome = await host.run(f"{name}: go")
        assert outcome.status == "done"
        use = await host.figures.context()
        parts = {part.kind: part.tokens for part in use.parts}
        # The server's own count of the prompt is the measure of ours.
        assert sum(parts.values()) == pytest.approx(use.total, rel=0.03)
        assert max(parts, key=lambda kind: parts[kind]) == "results of bash"
        assert {"AGENTS.md", "tools", "your requests", "tool calls", "reasoning"} <= set(parts)
        assert use.context > use.room_made_at > use.total
        turn, session = await host.figures.stats()
        assert turn == session
        assert (turn.spent.requests, turn.edits, turn.edits_failed) == (3, 1, 0)
        assert {item.name: item.calls for item in turn.tools} == {"bash": 1, "str_replace_editor": 1}
        assert turn.spent.reasoning > 0
        assert 0 < turn.phases.tools < turn.phases.total
        async with aclosing(host.figures.server(0.5)) as looks:
            first, second = await anext(looks), await anext(looks)
        assert first.look.now is not None
        assert first.look.now.running is not None
        assert second.look.since is not None
        assert "prompt tokens came from its cache" in second.own
    finally:
        await host.close()


async def test_a_container_that_is_killed_in_mid_turn(repository: Path, vllm: Vllm, docker_engine: str) -> None:
    name = f"GONE-{uuid.uuid4().hex}"
    command = "echo x >> ran; echo begun; sleep 60"
    turns: list[dict[str, object]] = [
        {"calls": [{"name": "bash", "arguments": {"command": command}}]},
        {"say": "Done."},
    ]
    vllm.script(name, turns)
    begun = asyncio.Event()

    def heard(event: Event) -> None:
        if isinstance(event, CallOutput) and "begun" in event.text:
            begun.set()

    host = host_over(repository, vllm, docker_engine)
    await host.open(heard)
    try:
        async with asyncio.TaskGroup() as tasks:
            turn = tasks.create_task(host.run(f"{name}: go"))
            await begun.wait()
            await asyncio.to_thread(killed, host.spec.session_id)
        ended: Outcome = turn.result()
        assert (ended.status, host.trouble(ended)) == ("failed", "gone")
        assert host.kept == host.spec.session_id
    finally:
        await host.close()
    again = host_over(repository, vllm, docker_engine, host.kept)
    try:
        await again.open(_unheard)
        assert (await again.resume()).status == "done"
        assert (repository / "ran").read_text() == "x\n"
    finally:
        await again.close()


def killed(session_id: str) -> None:
    label = f"label=qwright.session={session_id}"
    found = subprocess.run(["docker", "ps", "-q", "--filter", label], capture_output=True, text=True, check=True)
    subprocess.run(["docker", "kill", found.stdout.strip()], capture_output=True, check=True)


def _unheard(event: Event) -> None:
    """Nobody looks."""
