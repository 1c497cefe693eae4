"""Long work from a face: a server that is planned, agreed to and started, an image that is built, and their ends."""

import asyncio

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from tests.fakes.setup import ScriptedSetup
from tests.tui.faces.test_trouble import LINES, NO_SERVER, app_of, shown, until_screen, until_status
from tui.faces.serving import ServingScreen
from tui.faces.setup import Choice
from tui.faces.trouble import TroubleScreen
from tui.faces.wizard import WizardScreen
from tui.faces.work import WorkScreen
from tui.host import HostFailed

NO_IMAGE = HostFailed("The image qwright-sandbox:1 is not on this machine.", "image")


async def until_shown(pilot: Pilot[int], words: str) -> None:
    async with asyncio.timeout(10):
        while words not in shown(pilot):
            await pilot.pause(0.02)


async def test_a_server_is_planned_agreed_to_started_checked_and_saved() -> None:
    app, host = app_of(NO_SERVER, setup=ScriptedSetup(lines=LINES))
    ready = asyncio.Event()
    host.setup.work = ("0 s, loading the weights", ready, "Ready after 41 s.")
    async with app.run_test(size=(100, 40)) as pilot:
        await until_screen(pilot, TroubleScreen)
        await pilot.press("f")
        await until_screen(pilot, ServingScreen)
        await until_shown(pilot, "Qwen3.5-122B fits on 8xH100.")
        await pilot.press("ctrl+s")
        assert isinstance(app.screen, ServingScreen), "nothing is planned yet, so nothing can be agreed to"
        await pilot.press("enter")
        await until_shown(pilot, "vLLM is not installed. Install it")
        await pilot.press("ctrl+s", *"27B", "enter")
        await until_shown(pilot, "vllm serve 27B")
        await pilot.press("ctrl+s")
        await until_screen(pilot, WorkScreen)
        await until_shown(pilot, "loading the weights")
        ready.set()
        await until_screen(pilot, WizardScreen)
        await until_shown(pilot, "1 of 2 checks failed")
        await pilot.press("ctrl+s")
        await until_status(pilot, "ready")
    assert host.setup.served == ["27B"]
    assert host.setup.saved == [Choice(base_url="http://127.0.0.1:8001/v1")]


async def test_another_model_has_to_be_planned_anew() -> None:
    app, host = app_of(NO_SERVER)
    async with app.run_test(size=(100, 40)) as pilot:
        await until_screen(pilot, TroubleScreen)
        await pilot.press("f", *"27B", "enter")
        await until_shown(pilot, "vllm serve 27B")
        await pilot.press("x", "ctrl+s")
        await pilot.pause(0.1)
        assert isinstance(app.screen, ServingScreen)
        await pilot.press("escape")
        await until_screen(pilot, TroubleScreen)
    assert host.setup.served == []


async def test_a_start_that_fails_says_why_and_leads_back() -> None:
    app, host = app_of(NO_SERVER)
    host.setup.work = ("0 s, starting", HostFailed("vLLM ended after 3 s (exit code 1): no [bold]memory.", "endpoint"))
    async with app.run_test(size=(100, 40)) as pilot:
        await until_screen(pilot, TroubleScreen)
        await pilot.press("f", *"27B", "enter")
        await until_shown(pilot, "vllm serve 27B")
        await pilot.press("ctrl+s")
        await until_shown(pilot, "✗ vLLM ended after 3 s (exit code 1): no [bold]memory.")
        assert "starting" in shown(pilot)
        await pilot.press("escape")
        await until_screen(pilot, TroubleScreen)
    assert host.setup.ended == 1


@pytest.mark.parametrize("how", ["escape", "quit"])
async def test_what_was_started_is_ended_when_it_is_stopped_or_the_app_goes(how: str) -> None:
    app, host = app_of(NO_SERVER)
    host.setup.work = ("0 s, starting", asyncio.Event())
    async with app.run_test(size=(100, 40)) as pilot:
        await until_screen(pilot, TroubleScreen)
        await pilot.press("f", *"27B", "enter")
        await until_shown(pilot, "vllm serve 27B")
        await pilot.press("ctrl+s")
        await until_screen(pilot, WorkScreen)
        await until_shown(pilot, "starting")
        if how == "escape":
            await pilot.press("escape")
            await until_screen(pilot, TroubleScreen)
    assert host.setup.ended == 1


async def test_an_image_that_is_missing_is_built_and_taken() -> None:
    app, host = app_of(NO_IMAGE)
    done = asyncio.Event()
    host.setup.work = ("Step 1/9 : FROM debian", done)
    async with app.run_test(size=(100, 40)) as pilot:
        await until_screen(pilot, TroubleScreen)
        await pilot.press("b")
        await until_screen(pilot, WorkScreen)
        await until_shown(pilot, "Step 1/9 : FROM debian")
        assert "qwright-sandbox:1" in str(app.screen.query_one(".title", Static).content)
        done.set()
        await until_status(pilot, "ready")
    assert host.setup.choices == [Choice(image="qwright-sandbox:1")]
    assert (host.opened, host.setup.ended) == (2, 1)
