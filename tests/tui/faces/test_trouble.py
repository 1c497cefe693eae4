"""A session that cannot be opened is mended from the screen: every way on, without leaving the app."""

import asyncio
from typing import get_args

import pytest
from textual.pilot import Pilot
from textual.widgets import OptionList, Static

from tests.fakes.host import ScriptedHost
from tests.fakes.setup import ScriptedSetup
from tui.app import QwrightApp
from tui.faces.serving import ServingScreen
from tui.faces.setup import CheckLine, Choice, Found
from tui.faces.sure import SureScreen
from tui.faces.table import FACES
from tui.faces.trouble import TroubleScreen
from tui.faces.wizard import WizardScreen
from tui.host import HostFailed, Trouble
from tui.prompt.editor import PromptEditor
from tui.status.line import StatusLine

NO_SERVER = HostFailed(
    "Cannot reach the model server at http://127.0.0.1:8000/v1 (Connection refused). Start it, or name another.",
    "not_set_up",
)
NO_DOCKER = HostFailed("No Docker engine answers at the default place. Start one (`systemctl start docker`).", "engine")
TWO_MODELS = HostFailed("http://x/v1 serves several models (a, b); name one.", "model", ("a", "b"))
FOUND = Found("http://127.0.0.1:8077/v1", ("Qwen/Qwen3.5-122B-A10B",), "0.32.0")
LINES = (CheckLine("ok", "reachable", "answers in 3 ms"), CheckLine("fail", "tool calls", "none came", "--x"))


def app_of(*failures: HostFailed, setup: ScriptedSetup | None = None) -> tuple[QwrightApp, ScriptedHost]:
    host = ScriptedHost(failure=failures)
    host.setup = setup or ScriptedSetup()
    return QwrightApp(host, clock=lambda: 0.0), host


async def until_screen(pilot: Pilot[int], kind: type[object]) -> None:
    async with asyncio.timeout(10):
        while not isinstance(pilot.app.screen, kind):
            await pilot.pause(0.02)
    await pilot.pause(0.05)


async def until_status(pilot: Pilot[int], word: str) -> None:
    async with asyncio.timeout(10):
        while len(pilot.app.screen_stack) > 1 or word not in str(pilot.app.query_one(StatusLine).content):
            await pilot.pause(0.02)


def shown(pilot: Pilot[int]) -> str:
    return " ".join(str(static.content) for static in pilot.app.screen.query(Static))


@pytest.mark.parametrize("trouble", get_args(Trouble))
async def test_every_trouble_has_a_face_with_its_sentence_and_keys_that_lead_on(trouble: Trouble) -> None:
    app, host = app_of(HostFailed("It is [bold]so.", trouble))
    async with app.run_test(size=(100, 40)) as pilot:
        await until_screen(pilot, TroubleScreen)
        assert FACES[trouble].title in shown(pilot)
        assert "It is [bold]so." in shown(pilot)
        options = app.screen.query_one(OptionList)
        keys = [str(option.prompt).split()[0] for option in options.options]
        assert len(set(keys)) == len(keys)
        assert {"r", "Esc", "q"} <= set(keys)
        await pilot.press("r")
        await until_status(pilot, "ready")
    assert host.opened == 2


async def test_a_server_that_answers_is_offered_checked_and_saved() -> None:
    app, host = app_of(NO_SERVER, setup=ScriptedSetup([FOUND], LINES))
    async with app.run_test(size=(100, 40)) as pilot:
        await until_screen(pilot, TroubleScreen)
        assert "8077" in str(app.screen.query_one(OptionList).get_option_at_index(0).prompt)
        await pilot.press("1")
        await until_screen(pilot, WizardScreen)
        await pilot.pause(0.1)
        assert "tool calls: none came" in shown(pilot)
        assert "1 of 2 checks failed" in shown(pilot)
        await pilot.press("ctrl+s")
        await until_status(pilot, "ready")
    wanted = Choice(base_url=FOUND.base_url)
    assert host.setup.checked == [wanted]
    assert host.setup.saved == [wanted]
    assert host.setup.choices == [wanted]
    assert host.opened == 2


async def test_an_address_and_a_key_are_typed_and_used_without_saving() -> None:
    app, host = app_of(NO_SERVER)
    async with app.run_test() as pilot:
        await until_screen(pilot, TroubleScreen)
        await pilot.press("s")
        await until_screen(pilot, WizardScreen)
        await pilot.press("ctrl+a", "ctrl+k", *"gpu-box", "colon", *"8000", "tab", "tab", *"secret", "ctrl+u")
        await until_status(pilot, "ready")
    assert host.setup.choices == [Choice(base_url="http://gpu-box:8000/v1", api_key="secret")]
    assert not host.setup.saved


async def test_one_of_several_models_is_checked_and_taken() -> None:
    app, host = app_of(TWO_MODELS)
    async with app.run_test() as pilot:
        await until_screen(pilot, TroubleScreen)
        await pilot.press("2")
        await until_screen(pilot, WizardScreen)
        await pilot.press("ctrl+u")
        await until_status(pilot, "ready")
    assert host.setup.choices == [Choice(base_url="http://127.0.0.1:8000/v1", model="b")]


async def test_a_configuration_that_cannot_be_written_is_told_and_nothing_is_lost() -> None:
    app, _ = app_of(NO_SERVER, setup=ScriptedSetup(unwritable="config.toml was left as it is: write into it yourself."))
    async with app.run_test() as pilot:
        await until_screen(pilot, TroubleScreen)
        await pilot.press("s")
        await until_screen(pilot, WizardScreen)
        await pilot.press("ctrl+s")
        await pilot.pause(0.1)
        assert isinstance(app.screen, WizardScreen)
        assert "write into it yourself" in shown(pilot)


async def test_without_docker_the_risk_is_said_and_enter_does_not_take_it() -> None:
    app, host = app_of(NO_DOCKER)
    async with app.run_test() as pilot:
        await until_screen(pilot, TroubleScreen)
        await pilot.press("l")
        await until_screen(pilot, SureScreen)
        assert "nothing isolates" in shown(pilot)
        await pilot.press("enter")
        await until_screen(pilot, TroubleScreen)
        assert (host.opened, host.setup.choices) == (1, [])
        await pilot.press("l")
        await until_screen(pilot, SureScreen)
        await pilot.press("y")
        await until_status(pilot, "ready")
    assert host.setup.choices == [Choice(sandbox="local")]
    assert host.opened == 2


async def test_a_way_is_left_and_the_demo_is_opened_with_its_task_in_the_prompt() -> None:
    app, host = app_of(NO_SERVER)
    async with app.run_test() as pilot:
        await until_screen(pilot, TroubleScreen)
        await pilot.press("f")
        await until_screen(pilot, ServingScreen)
        await pilot.press("escape")
        await until_screen(pilot, TroubleScreen)
        await pilot.press("d")
        await until_status(pilot, "ready")
        assert app.query_one(PromptEditor).text == "The tests fail."
    assert host.setup.choices[-1].repo == "/demo"


async def test_settings_that_cannot_be_edited_say_why_and_where_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISUAL", "no-such-editor")
    app, host = app_of(HostFailed("config.toml: cpus is -1, but must be at least 0.", "settings"))
    async with app.run_test(size=(100, 30)) as pilot:
        await until_screen(pilot, TroubleScreen)
        await pilot.press("e")
        await pilot.pause(0.2)
        assert "no editor 'no-such-editor'" in shown(pilot)
        assert "/nowhere/config.toml" in shown(pilot)
    assert host.opened == 1


async def test_a_face_can_be_left_and_comes_back() -> None:
    app, host = app_of(NO_DOCKER)
    async with app.run_test() as pilot:
        await until_screen(pilot, TroubleScreen)
        await pilot.press("escape")
        await until_status(pilot, "/reopen")
        await pilot.press(*"/reopen", "enter")
        await until_status(pilot, "ready")
        while host.opened < 2:
            await pilot.pause(0.02)
    assert host.opened == 2


async def test_a_trouble_that_follows_another_has_its_own_face() -> None:
    app, host = app_of(NO_SERVER, NO_DOCKER)
    async with app.run_test() as pilot:
        await until_screen(pilot, TroubleScreen)
        await pilot.press("r")
        async with asyncio.timeout(10):
            while FACES["engine"].title not in shown(pilot):
                await pilot.pause(0.02)
        await pilot.press("r")
        await until_status(pilot, "ready")
    assert host.opened == 3


async def test_quitting_from_a_face_closes_the_host() -> None:
    app, host = app_of(NO_SERVER)
    async with app.run_test() as pilot:
        await until_screen(pilot, TroubleScreen)
        await pilot.press("q")
        await pilot.pause(0.1)
    assert app.return_value == 0
    assert host.closed
