"""The prompt's states as pictures."""

import pytest
from textual.pilot import Pilot

from agent.events import CallStarted, StepStarted
from tests.fakes.host import ScriptedHost
from tests.tui.commands.test_commands import screen_is
from tests.tui.pictures import WIDTHS, check_picture
from tests.tui.prompt.test_area import holds, popup
from tests.tui.test_app import ask, until
from tui.app import QwrightApp
from tui.commands.custom import parsed
from tui.commands.help_screen import HelpScreen
from tui.model.blocks import ToolBlock
from tui.prompt.history_screen import HistoryScreen

PATHS = [
    "tui/prompt/editor.py",
    "tui/prompt/area.py",
    "docs/my notes.md",
    "tests/tui/prompt/test_editor.py",
    "packages/a-very-long-directory-name/with/another/one/below/it/editor.ts",
]
RUNNING = [
    StepStarted(1, False, "routine step"),
    CallStarted("a", "bash", '{"command": "pytest -q"}'),
    60.0,
]


def app_with(*play: object) -> QwrightApp:
    host = ScriptedHost(play)  # pyright: ignore[reportArgumentType]  # a play
    host.paths = PATHS
    host.remembered = ["fix the failing tests", "why is the cache cold?", "write a changelog\nfor 1.2"]
    host.custom = [parsed("review", "---\nargument-hint: [file]\n---\nReview $1.", "project")]
    return QwrightApp(host, clock=lambda: 0.0)


def of(pilot: Pilot[int]) -> QwrightApp:
    assert isinstance(pilot.app, QwrightApp)
    return pilot.app


async def commands(pilot: Pilot[int]) -> None:
    await holds(pilot, lambda: len(of(pilot).commands) > 0 and of(pilot).commands[-1].name == "review")
    await pilot.press(*"/rev")
    await holds(pilot, lambda: popup(of(pilot)).open)


async def files(pilot: Pilot[int]) -> None:
    await pilot.press(*"see @edit")
    await holds(pilot, lambda: popup(of(pilot)).open)
    await pilot.press("down")


async def queue(pilot: Pilot[int]) -> None:
    app = of(pilot)
    await ask(app, pilot, "fix the tests")
    await until(pilot, ToolBlock)
    await ask(app, pilot, "then write the changelog")
    await ask(app, pilot, "/compact keep the plan")
    await pilot.press(*"use tabs", "ctrl+s")
    await holds(pilot, lambda: "next step" in str(app.prompt.queue.content))


async def help_screen(pilot: Pilot[int]) -> None:
    await pilot.press("f1")
    await screen_is(pilot, HelpScreen)
    # All rows would be drawn anew with each new command.
    await pilot.press(*"clipboard")


async def history(pilot: Pilot[int]) -> None:
    await holds(pilot, lambda: len(of(pilot).prompt.history.entries) == 3)
    await pilot.press("ctrl+r")
    await screen_is(pilot, HistoryScreen)
    await pilot.press("e")


@pytest.mark.parametrize("width", WIDTHS)
async def test_commands(width: int) -> None:
    await check_picture("prompt-commands", app_with, commands, width)


@pytest.mark.parametrize("width", WIDTHS)
async def test_files(width: int) -> None:
    await check_picture("prompt-files", app_with, files, width)


@pytest.mark.parametrize("width", WIDTHS)
async def test_queue(width: int) -> None:
    await check_picture("prompt-queue", lambda: app_with(*RUNNING), queue, width)


@pytest.mark.parametrize("width", WIDTHS)
async def test_help(width: int) -> None:
    await check_picture("help", app_with, help_screen, width)


@pytest.mark.parametrize("width", WIDTHS)
async def test_history(width: int) -> None:
    await check_picture("prompt-history", app_with, history, width)
