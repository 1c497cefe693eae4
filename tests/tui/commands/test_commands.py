"""Commands and their keys in the app."""

import asyncio

from textual.pilot import Pilot
from textual.widgets import Input

from agent.events import ContentDelta, StepFinished, StepStarted, TurnEnded
from agent.turn import Usage
from tests.fakes.host import ScriptedHost
from tests.tui.test_app import ask, conversation, until
from tui.app import QwrightApp
from tui.commands.help_screen import HelpScreen
from tui.model.blocks import EndBlock, NoticeBlock, UserBlock
from tui.status.line import StatusLine

DONE = TurnEnded("done", "All well.", 1)
SAID = [
    StepStarted(1, False, "x"),
    ContentDelta("Forty-two."),
    StepFinished(1, Usage(1, 1, 0, None), 0.1, 0.1, ""),
    DONE,
]


def notices(pilot: Pilot[int]) -> list[str]:
    return [block.text for block in conversation(pilot).feed.blocks if isinstance(block, NoticeBlock)]


async def screen_is(pilot: Pilot[int], kind: type[object], *, wanted: bool = True) -> None:
    async with asyncio.timeout(10):
        while isinstance(pilot.app.screen, kind) is not wanted:
            await pilot.pause(0.02)


async def test_help_opens_narrows_and_closes() -> None:
    app = QwrightApp(ScriptedHost())
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("f1")
        await screen_is(pilot, HelpScreen)
        await pilot.press(*"compact")
        await pilot.pause()
        assert app.screen.query_one(Input).value == "compact"
        await pilot.press("ctrl+t")
        await pilot.press("escape")
        await screen_is(pilot, HelpScreen, wanted=False)
        assert app.policy in (None, "auto")
        await ask(app, pilot, "/help copy")
        await screen_is(pilot, HelpScreen)


async def test_ctrl_z_is_for_the_whole_program_and_text_has_an_undo_of_its_own() -> None:
    app = QwrightApp(ScriptedHost())
    suspended: list[bool] = []
    app.action_suspend_process = lambda: suspended.append(True)
    async with app.run_test() as pilot:
        await pilot.press(*"one")
        await pilot.press("ctrl+z")
        await pilot.pause()
        assert (suspended, app.prompt.editor.text) == ([True], "one")
        await pilot.press("ctrl+underscore")
        assert app.prompt.editor.text == ""
        await pilot.press("ctrl+y")
        assert app.prompt.editor.text == "one"


async def test_whoever_comes_back_from_the_shell_finds_the_whole_screen() -> None:
    app = QwrightApp(ScriptedHost())
    async with app.run_test() as pilot:
        await pilot.pause()
        drawn: list[bool] = []

        def refresh(*_: object, repaint: bool = True, layout: bool = False, recompose: bool = False) -> QwrightApp:
            drawn.append(layout)
            return app

        app.refresh = refresh
        app.app_resume_signal.publish(app)  # pyright: ignore[reportUnknownMemberType]  # App is generic in its result
        await pilot.pause()
    assert True in drawn


async def test_an_unknown_command_is_no_request() -> None:
    host = ScriptedHost()
    app = QwrightApp(host)
    async with app.run_test() as pilot:
        await ask(app, pilot, "/compcat")
        await until(pilot, NoticeBlock)
        assert notices(pilot) == ["There is no command /compcat. Did you mean /compact or /commit? /help shows all."]
    assert host.requests == []


async def test_thinking_is_cycled_named_and_used_by_the_next_request() -> None:
    host = ScriptedHost([DONE], [DONE], [DONE])
    app = QwrightApp(host)
    async with app.run_test(size=(120, 30)) as pilot:
        await ask(app, pilot, "as configured")
        await until(pilot, EndBlock)
        await pilot.press("ctrl+t")
        await pilot.pause()
        assert "thinking always" in str(app.query_one(StatusLine).content)
        await ask(app, pilot, "one")
        await until(pilot, EndBlock, 2)
        await ask(app, pilot, "/thinking never")
        await pilot.pause(0.1)
        await ask(app, pilot, "two")
        await until(pilot, EndBlock, 3)
        await ask(app, pilot, "/thinking sometimes")
        await until(pilot, NoticeBlock)
        assert "choose auto, always, never or first" in notices(pilot)[0]
    assert host.policies == [None, "always", "never"]


async def test_a_command_for_an_idle_session_waits_for_the_turn() -> None:
    host = ScriptedHost([0.3, DONE])
    app = QwrightApp(host)
    async with app.run_test() as pilot:
        await ask(app, pilot, "long")
        await ask(app, pilot, "/compact keep the plan")
        await until(pilot, NoticeBlock)
        assert [type(block) for block in conversation(pilot).feed.blocks] == [UserBlock, EndBlock, NoticeBlock]
    assert host.compacted == ["keep the plan"]


async def test_clear_begins_a_new_session() -> None:
    host = ScriptedHost([DONE], [DONE])
    app = QwrightApp(host)
    async with app.run_test() as pilot:
        await ask(app, pilot, "one")
        await until(pilot, EndBlock)
        await ask(app, pilot, "/clear")
        async with asyncio.timeout(10):
            while app.conversation.feed.blocks or host.sessions == 1:
                await pilot.pause(0.02)
        await ask(app, pilot, "two")
        await until(pilot, EndBlock)
    assert host.sessions == 2
    assert host.requests == ["one", "two"]


async def test_copy_takes_the_last_answer() -> None:
    app = QwrightApp(ScriptedHost(SAID))
    async with app.run_test() as pilot:
        await ask(app, pilot, "/copy")
        await until(pilot, NoticeBlock)
        await ask(app, pilot, "ask")
        await until(pilot, EndBlock)
        await ask(app, pilot, "/copy")
        await until(pilot, NoticeBlock, 2)
        assert app.clipboard == "Forty-two."
        assert notices(pilot)[0] == "There is no answer to copy yet."
