"""Commands of the person in a real folder: events, what the model will read, and interruption."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from agent.events import CallFinished, CallOutput, CallStarted, Event
from cli.pair.shell import PersonsShell
from sandboxes.local import LocalSandbox
from sandboxes.protocol import SandboxSpec


@pytest.fixture
async def sandbox(tmp_path: Path) -> AsyncIterator[LocalSandbox]:
    made = LocalSandbox(SandboxSpec(image="", workdir=str(tmp_path), network="full", session_id="person"))
    await made.start()
    yield made
    await made.close()


async def test_a_command_is_a_card_and_an_attachment(sandbox: LocalSandbox) -> None:
    shell, seen = PersonsShell(), list[Event]()
    await shell.run("echo käse; exit 3", sandbox, seen.append)
    assert isinstance(seen[0], CallStarted)
    assert "".join(event.text for event in seen if isinstance(event, CallOutput)) == "käse\n"
    assert isinstance(seen[-1], CallFinished)
    assert (seen[-1].ok, seen[-1].summary, seen[-1].text) == (False, "exit 3", "käse\n")
    assert [run.text() for run in shell.taken()] == ["$ echo käse; exit 3\nkäse\n[exit code 3]"]
    assert shell.taken() == []


async def test_an_interrupted_command_ends_at_once_and_is_not_told(sandbox: LocalSandbox) -> None:
    shell, seen, spoke = PersonsShell(), list[Event](), asyncio.Event()

    def sink(event: Event) -> None:
        seen.append(event)
        if isinstance(event, CallOutput):
            spoke.set()

    running = asyncio.create_task(shell.run("echo begun; sleep 600", sandbox, sink))
    async with asyncio.timeout(20):
        await spoke.wait()
        shell.cancel()
        await running
    assert isinstance(seen[-1], CallFinished)
    assert seen[-1].summary == "interrupted"
    assert shell.taken() == []
    await shell.run("echo still here", sandbox, seen.append)
    assert shell.taken()[0].output == "still here\n"
