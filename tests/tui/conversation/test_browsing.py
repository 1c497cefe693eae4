"""From the prompt into the conversation and back, and what the keys do there."""

import pytest
from textual import events
from textual.pilot import Pilot

from agent.events import CallFinished, CallStarted, Event, TurnEnded
from tests.fakes.host import ScriptedHost
from tests.tui.pictures import opened
from tests.tui.test_app import ask, until
from tui.app import QwrightApp
from tui.conversation.page_view import PageView
from tui.conversation.pager import Pager
from tui.model.blocks import EndBlock
from tui.opened import Opened
from tui.prompt.editor import PromptEditor

OUTPUT = "".join(f"line {number}\n" for number in range(100))


def call(name: str) -> list[Event]:
    return [CallStarted(name, "bash", '{"command": "seq"}'), CallFinished(name, "bash", True, "", OUTPUT, "", 0.1)]


PLAY: list[Event] = [
    *call("a"),
    CallStarted("b", "search", '{"pattern": "x"}'),
    CallFinished("b", "search", True, "search x: 2 matches", "a.py:1:x\nb.py:2:x", "", 0.1),
    TurnEnded("done", "", 1),
]


async def shown(pilot: Pilot[int], app: QwrightApp) -> None:
    await opened(pilot)
    await ask(app, pilot, "go")
    await until(pilot, EndBlock)
    await pilot.press("tab")


async def test_keys_go_from_block_to_block_and_open_them() -> None:
    app = QwrightApp(ScriptedHost(PLAY))
    async with app.run_test(size=(80, 24)) as pilot:
        await shown(pilot, app)
        view = app.conversation
        assert app.focused is view
        assert "a.py:1" not in view.text
        await pilot.press("enter")
        assert "a.py:1:x" in view.text
        await pilot.press("k", "space")
        assert "line 0\n" in view.text
        assert view.scroll_offset.y > 0
        await pilot.press("space", "g")
        assert (view.cursor, view.scroll_offset.y) == (0, 0)
        await pilot.press("down")
        assert view.cursor == 1
        await pilot.press("G", "j")
        assert isinstance(app.focused, PromptEditor)


async def test_escape_goes_back_to_the_prompt_and_letters_do_too() -> None:
    app = QwrightApp(ScriptedHost(PLAY))
    async with app.run_test(size=(80, 24)) as pilot:
        await shown(pilot, app)
        await pilot.press("escape")
        assert isinstance(app.focused, PromptEditor)
        await pilot.press("tab", "w", *"ok go")
        assert isinstance(app.focused, PromptEditor)
        assert app.focused.text == "wok go"


async def test_letters_typed_in_a_burst_all_reach_the_prompt() -> None:
    app = QwrightApp(ScriptedHost(PLAY))
    async with app.run_test(size=(80, 24)) as pilot:
        await shown(pilot, app)
        for letter in "/mode ok":
            key = {"/": "slash", " ": "space"}.get(letter, letter)
            app.post_message(events.Key(key, letter))
        await pilot.pause(0.2)
        assert app.prompt.editor.text == "/mode ok"
        assert not isinstance(app.screen, Pager)


@pytest.mark.parametrize("before", ["", "w"])
async def test_a_paste_and_enter_in_one_burst_are_a_request(before: str) -> None:
    host = ScriptedHost(PLAY, [TurnEnded("done", "", 1)])
    app = QwrightApp(host)
    async with app.run_test(size=(80, 24)) as pilot:
        await shown(pilot, app)
        for letter in before:
            app.post_message(events.Key(letter, letter))
        app.post_message(events.Paste("yes, do"))
        app.post_message(events.Key("o", "o"))
        app.post_message(events.Key("enter", "\r"))
        await until(pilot, EndBlock, 2)
    assert host.requests == ["go", f"{before}yes, doo"]


async def test_a_block_is_copied_whole() -> None:
    app = QwrightApp(ScriptedHost(PLAY))
    async with app.run_test(size=(80, 24)) as pilot:
        await shown(pilot, app)
        await pilot.press("k", "y")
        assert app.clipboard == f"$ seq\n{OUTPUT.rstrip()}"


async def test_the_pager_shows_all_and_finds() -> None:
    app = QwrightApp(ScriptedHost(PLAY))
    async with app.run_test(size=(80, 24)) as pilot:
        await shown(pilot, app)
        await pilot.press("k", "o")
        assert isinstance(app.screen, Pager)
        page = app.screen.query_one(PageView)
        await pilot.press("slash", *"LINE 7", "enter")
        assert page.found == "not found"
        await pilot.press("slash", *["backspace"] * 6, *"line 7", "enter", "n")
        assert page.scroll_offset.y == 71 - 3
        await pilot.press("N")
        assert page.scroll_offset.y == 8 - 3
        await pilot.press("G")
        assert page.scroll_offset.y == page.max_scroll_y > 0
        await pilot.press("escape")
        assert app.focused is app.conversation


async def test_a_call_without_a_result_waits_after_a_resume_and_nothing_turns() -> None:
    history: list[Event] = [CallStarted("a", "bash", '{"command": "rm -r build"}')]
    app = QwrightApp(ScriptedHost(opened=Opened("s", "m", 1000, "docker: x", "auto", history, unfinished=True)))
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await pilot.pause(0.2)
        assert "○ bash rm -r build  waits" in app.conversation.text
        assert not app.conversation.turning


async def test_the_page_keys_scroll_from_the_prompt_and_the_end_is_followed_again() -> None:
    history = [event for number in range(40) for event in call(str(number))]
    app = QwrightApp(ScriptedHost(PLAY, opened=Opened("s", "m", 1000, "docker: x", "auto", history)))
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await pilot.pause(0.2)
        view = app.conversation
        end = view.scroll_offset.y
        assert end == view.max_scroll_y > 0
        await pilot.press("pageup")
        above = view.scroll_offset.y
        assert above < end
        await ask(app, pilot, "go")
        await until(pilot, EndBlock)
        assert view.scroll_offset.y == above
        await pilot.press("pagedown", "pagedown", "pagedown")
        assert view.scroll_offset.y == view.max_scroll_y > end


async def test_what_the_mouse_marks_is_copied() -> None:
    app = QwrightApp(ScriptedHost(PLAY))
    async with app.run_test(size=(80, 24)) as pilot:
        await shown(pilot, app)
        await pilot.mouse_down("#conversation", offset=(3, 0))
        await pilot.hover("#conversation", offset=(30, 2))
        await pilot.mouse_up("#conversation", offset=(30, 2))
        await pilot.pause()
        assert app.clipboard.startswith("go\n\n✓ bash seq")
