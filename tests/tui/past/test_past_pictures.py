"""Pictures of the cards of undo, diff and commit."""

import pytest
from textual.pilot import Pilot
from textual.widgets import TextArea

from tests.fakes.host import ScriptedHost
from tests.tui.commands.test_commands import screen_is
from tests.tui.past.test_changes import FILES, PATCH
from tests.tui.past.test_undoing import host_with
from tests.tui.pictures import WIDTHS, check_picture
from tests.tui.test_app import ask
from tui.app import QwrightApp
from tui.past.choice import ChoiceScreen
from tui.past.commit_screen import CommitScreen
from tui.past.diff_screen import DiffScreen
from tui.past.host import Diff


def app_of(pilot: Pilot[int]) -> QwrightApp:
    assert isinstance(pilot.app, QwrightApp)
    return pilot.app


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(
    ("name", "command", "screen"),
    [
        ("rewind", "/rewind 1", ChoiceScreen),
        ("diff", "/diff session", DiffScreen),
        ("commit", "/commit", CommitScreen),
    ],
)
async def test_cards(name: str, command: str, screen: type[object], width: int) -> None:
    def make() -> QwrightApp:
        host: ScriptedHost = host_with("Fix the parser", "Write the docs", mine=("src/mine.py",))
        host.past.changed = Diff(PATCH, FILES)
        return QwrightApp(host)

    async def act(pilot: Pilot[int]) -> None:
        await ask(app_of(pilot), pilot, command)
        await screen_is(pilot, screen)
        await pilot.pause(0.3)
        for area in pilot.app.screen.query(TextArea):
            area.cursor_blink = False

    await check_picture(name, make, act, width)
