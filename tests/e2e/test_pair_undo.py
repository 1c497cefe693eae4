"""A session over a bound tree, on a real vLLM and a real Docker engine: killed, taken up again, undone, committed."""

import signal
import subprocess
import sys
import uuid
from argparse import Namespace
from pathlib import Path

import pytest

from agent.events import CallFinished, Event, TurnEnded, TurnStarted
from cli.pair.host import PairHost
from cli.pair.opening import host_for, session_asked_for
from cli.parser import build_parser
from tests.e2e.conftest import Product, git
from tests.live.server import Vllm
from tui.faces.setup import Choice
from tui.host import HostFailed

pytestmark = [pytest.mark.docker, pytest.mark.live, pytest.mark.timeout(240)]
TURNS: list[dict[str, object]] = [
    {
        "say": "I write.",
        "calls": [{"name": "bash", "arguments": {"command": "echo agent > made.txt; echo x >> calc.py"}}],
    },
    {"say": "Slow now.", "calls": [{"name": "bash", "arguments": {"command": "sleep 60"}}]},
    {"say": "All done."},
]


def options(*arguments: str) -> Namespace:
    return build_parser().parse_args(["pair", *arguments])


def until_second_call(worker: "subprocess.Popen[str]") -> None:
    assert worker.stdout
    started = 0
    for line in worker.stdout:
        started += line.strip() == "CallStarted"
        if started == 2:
            return
    raise AssertionError(worker.communicate()[1])


def killed_in_mid_turn(product: Product, task: str, arguments: list[str]) -> None:
    worker = subprocess.Popen(
        [sys.executable, "-m", "tests.e2e.pair_worker", task, *arguments],
        env=product.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        until_second_call(worker)
    finally:
        worker.send_signal(signal.SIGKILL)
        worker.communicate()


async def taken_up(repository: Path) -> tuple[PairHost, list[Event]]:
    asked = options("-c", "--repo", str(repository))
    host = host_for(asked, Choice(session=session_asked_for(asked) or ""))
    seen: list[Event] = []
    opened = await host.open(seen.append)
    return host, [*opened.history]


async def test_killed_taken_up_undone_and_committed(
    product: Product, repository: Path, vllm: Vllm, docker_engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("QWRIGHT_STATE_DIR", "QWRIGHT_CONFIG_DIR"):
        monkeypatch.setenv(name, product.environment[name])
    name = f"UNDO-{uuid.uuid4().hex}"
    vllm.script(name, TURNS)
    git(repository, "config", "user.name", "Ada")
    git(repository, "config", "user.email", "ada@example.org")
    (repository / "mine.txt").write_text("uncommitted\n")
    before = git(repository, "status", "--short")
    arguments = ["--repo", str(repository), "--base-url", vllm.base_url, "--image", docker_engine]
    killed_in_mid_turn(product, f"{name}: go", arguments)
    (repository / "mine.txt").write_text("uncommitted\nedited meanwhile\n")
    host, history = await taken_up(repository)
    try:
        assert [event.text for event in history if isinstance(event, TurnStarted)] == [f"{name}: go"]
        assert [event.ok for event in history if isinstance(event, CallFinished)] == [True]
        assert not any(isinstance(event, TurnEnded) for event in history)
        assert host.past.reopened().unfinished
        assert (await host.resume()).status == "done"
        diff = {file.path: file.users for file in (await host.past.diff("session")).files}
        assert diff == {"calc.py": False, "made.txt": False, "mine.txt": True}
        asked = host.past.requests()[-1].entry_id
        await host.past.rewind(asked, conversation=True, files=True, force=False)
        assert git(repository, "status", "--short") == before
        assert (repository / "mine.txt").read_text() == "uncommitted\nedited meanwhile\n"
        await host.past.redo(force=False)
        assert (repository / "made.txt").read_text() == "agent\n"
        draft = await host.past.draft()
        assert list(draft.files) == ["calc.py", "made.txt"]
        await host.past.commit("Change it")
        assert git(repository, "status", "--short") == before
        assert git(repository, "log", "-1", "--format=%an: %s").strip() == "Ada: Change it"
        with pytest.raises(HostFailed, match="nothing to commit"):
            await host.past.draft()
    finally:
        await host.close()
