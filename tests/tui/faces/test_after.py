"""A turn that does not end well says what comes next; what stands in the way has its face, and the turn goes on."""

import asyncio
from typing import get_args

import pytest
from textual.pilot import Pilot

from agent.events import TurnEnded, TurnStatus
from tests.fakes.host import ScriptedHost
from tests.tui.commands.test_commands import notices
from tests.tui.faces.test_trouble import until_screen, until_status
from tests.tui.test_app import ask, until
from tui.app import QwrightApp
from tui.faces.after import BY_STATUS, BY_TROUBLE, after
from tui.faces.trouble import TroubleScreen
from tui.host import HostFailed, Trouble
from tui.model.blocks import EndBlock
from tui.prompt.editor import PromptEditor

FAILED = TurnEnded("failed", "It stopped.", 1)
DONE = TurnEnded("done", "", 1)


def test_every_end_has_a_row_and_every_bad_one_a_next_step() -> None:
    assert set(BY_STATUS) == set(get_args(TurnStatus))
    assert set(BY_TROUBLE) == set(get_args(Trouble))
    assert all(step.sentence for step in BY_TROUBLE.values())
    assert all(BY_STATUS[status].sentence for status in ("failed", "limit"))
    assert after("failed", "endpoint") is BY_TROUBLE["endpoint"]


async def shown(pilot: Pilot[int], sentence: str) -> None:
    async with asyncio.timeout(10):
        while sentence not in notices(pilot):
            await pilot.pause(0.02)


@pytest.mark.parametrize("trouble", get_args(Trouble))
async def test_a_turn_that_ends_with_an_error_leads_on(trouble: Trouble) -> None:
    host = ScriptedHost([FAILED], [DONE])
    host.ends_with = trouble
    app = QwrightApp(host)
    step = BY_TROUBLE[trouble]
    async with app.run_test(size=(100, 40)) as pilot:
        await ask(app, pilot, "go")
        if step.face:
            await until_screen(pilot, TroubleScreen)
            await pilot.press("r")
            await until_status(pilot, "ready")
            assert host.opened == 2
        else:
            await shown(pilot, step.sentence)
        async with asyncio.timeout(10):
            while app.query_one(PromptEditor).text != step.prompt:
                await pilot.pause(0.02)
        if step.prompt == "/continue":
            await pilot.press("escape", "enter")
            await until(pilot, EndBlock, 1 if step.face else 2)
    assert host.requests == ["go"]


@pytest.mark.parametrize("status", ["failed", "limit"])
async def test_a_turn_that_failed_or_met_a_limit_says_what_to_do(status: TurnStatus) -> None:
    app = QwrightApp(ScriptedHost([TurnEnded(status, "So it was.", 1)]))
    async with app.run_test() as pilot:
        await ask(app, pilot, "go")
        await shown(pilot, BY_STATUS[status].sentence)


async def test_what_is_being_written_is_not_replaced_by_the_way_on() -> None:
    written = asyncio.Event()
    host = ScriptedHost([written, FAILED])
    host.ends_with = "endpoint"
    app = QwrightApp(host)
    async with app.run_test() as pilot:
        await ask(app, pilot, "go")
        await pilot.press(*"mine")
        written.set()
        await shown(pilot, BY_TROUBLE["endpoint"].sentence)
        assert app.query_one(PromptEditor).text == "mine"


async def test_a_request_that_was_never_taken_in_comes_back() -> None:
    host = ScriptedHost()
    host.refuses = HostFailed("The container was killed.", "gone")
    app = QwrightApp(host)
    async with app.run_test() as pilot:
        await ask(app, pilot, "mend it")
        await until_screen(pilot, TroubleScreen)
        await pilot.press("r")
        await until_status(pilot, "ready")
        async with asyncio.timeout(10):
            while app.query_one(PromptEditor).text != "mend it":
                await pilot.pause(0.02)


async def test_an_error_nobody_expected_has_a_face_and_the_app_lives(caplog: pytest.LogCaptureFixture) -> None:
    host = ScriptedHost()
    host.refuses = ZeroDivisionError("a fault of ours")
    app = QwrightApp(host)
    async with app.run_test() as pilot:
        await ask(app, pilot, "go")
        await until_screen(pilot, TroubleScreen)
        await pilot.press("escape")
        await pilot.pause(0.1)
        await pilot.press("f1")
        await pilot.pause(0.1)
        assert len(app.screen_stack) == 2
    assert any(record.exc_info and record.exc_info[0] is ZeroDivisionError for record in caplog.records)
