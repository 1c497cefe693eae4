"""The faces of a first contact as pictures."""

from functools import partial

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from tests.fakes.setup import ScriptedSetup
from tests.tui.faces.test_trouble import FOUND, LINES, NO_DOCKER, NO_SERVER, app_of, until_screen
from tests.tui.pictures import WIDTHS, check_picture
from tui.app import QwrightApp
from tui.faces.sure import SureScreen
from tui.faces.trouble import TroubleScreen
from tui.faces.wizard import WizardScreen
from tui.host import HostFailed


def one(failure: HostFailed) -> QwrightApp:
    return app_of(failure, setup=ScriptedSetup([FOUND], LINES))[0]


async def press(keys: list[str], kind: type[object], pilot: Pilot[int]) -> None:
    await until_screen(pilot, TroubleScreen)
    await pilot.press(*keys)
    await until_screen(pilot, kind)
    await pilot.pause(0.1)
    for field in pilot.app.screen.query(Input):
        field.cursor_blink = False


@pytest.mark.parametrize("width", WIDTHS)
async def test_no_server(width: int) -> None:
    await check_picture("no-server", lambda: one(NO_SERVER), partial(press, [], TroubleScreen), width, height=26)


@pytest.mark.parametrize("width", WIDTHS)
async def test_no_docker(width: int) -> None:
    await check_picture("no-docker", lambda: one(NO_DOCKER), partial(press, [], TroubleScreen), width, height=26)


@pytest.mark.parametrize("width", WIDTHS)
async def test_a_checked_server(width: int) -> None:
    await check_picture("wizard", lambda: one(NO_SERVER), partial(press, ["1"], WizardScreen), width, height=26)


@pytest.mark.parametrize("width", WIDTHS)
async def test_the_risk(width: int) -> None:
    await check_picture("risk", lambda: one(NO_DOCKER), partial(press, ["l"], SureScreen), width, height=26)
