"""/undo, /redo, /rewind, /continue, /sessions and their screens."""

from dataclasses import replace

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, OptionList

from agent.events import TurnEnded, TurnStarted
from tests.fakes.host import ScriptedHost
from tests.tui.commands.test_commands import notices, screen_is
from tests.tui.test_app import ask, conversation, until
from tui.app import QwrightApp
from tui.model.blocks import EndBlock, UserBlock
from tui.opened import Opened
from tui.past.ages import ago, first_line
from tui.past.choice import ChoiceScreen
from tui.past.host import SessionLine
from tui.past.picker import PickerScreen
from tui.past.picker_app import PickerApp

OPENED = Opened("20260101-000000-abc123", "m", 1000, "docker: x", "auto")
LINES = [
    SessionLine("20260101-1", "Fix the parser", "/src/a", 0.0, "done", 3, here=True, asked="Fix the parser\nand tests"),
    SessionLine("20260101-2", "[bold]Write[/] docs", "/src/b", 0.0, "interrupted", 9, here=False, asked="Write docs"),
]


def asked(pilot: Pilot[int]) -> list[str]:
    return [block.text for block in conversation(pilot).feed.blocks if isinstance(block, UserBlock)]


def host_with(*requests: str, mine: tuple[str, ...] = ()) -> ScriptedHost:
    host = ScriptedHost(opened=replace(OPENED, history=[TurnStarted("x", text) for text in requests]))
    host.past.asked, host.past.mine = list(requests), mine
    return host


async def settled(pilot: Pilot[int], host: ScriptedHost, times: int) -> None:
    for _ in range(200):
        await pilot.pause(0.02)
        if len(host.past.done) >= times:
            await pilot.pause(0.2)
            return
    raise AssertionError(f"{host.past.done}")


async def test_the_screen_of_an_earlier_session_is_drawn_again() -> None:
    app = QwrightApp(host_with("first", "second"))
    async with app.run_test() as pilot:
        await until(pilot, UserBlock)
        assert asked(pilot) == ["first", "second"]


async def test_undo_gives_the_request_back_to_the_prompt_and_redo_takes_it_away() -> None:
    host = host_with("first", "second")
    app = QwrightApp(host)
    async with app.run_test() as pilot:
        await until(pilot, UserBlock)
        await ask(app, pilot, "/undo")
        await settled(pilot, host, 1)
        assert asked(pilot) == ["first"]
        assert app.prompt.editor.text == "second"
        app.prompt.editor.empty()
        await ask(app, pilot, "/redo")
        await settled(pilot, host, 2)
        assert asked(pilot) == ["first", "second"]
    assert host.past.done == ["rewind 2 conversation=True files=True force=False", "redo"]


async def test_files_that_the_user_changed_are_asked_about() -> None:
    host = host_with("first", mine=("mine.py",))
    app = QwrightApp(host)
    async with app.run_test() as pilot:
        await until(pilot, UserBlock)
        await ask(app, pilot, "/undo")
        await screen_is(pilot, ChoiceScreen)
        await pilot.press("escape")
        await screen_is(pilot, ChoiceScreen, wanted=False)
        assert host.past.done == []
        await ask(app, pilot, "/undo")
        await screen_is(pilot, ChoiceScreen)
        await pilot.press("2")
        await settled(pilot, host, 1)
    assert host.past.done == ["rewind 1 conversation=True files=True force=True"]


async def test_rewind_chooses_a_request_then_what_goes_back() -> None:
    host = host_with("fix the parser", "write the docs", "third")
    app = QwrightApp(host)
    async with app.run_test() as pilot:
        await until(pilot, UserBlock)
        await ask(app, pilot, "/rewind")
        await screen_is(pilot, PickerScreen)
        await pilot.press(*"docs")
        await pilot.pause()
        assert app.screen.query_one(OptionList).option_count == 1
        await pilot.press("enter")
        await screen_is(pilot, ChoiceScreen)
        await pilot.press("down", "down", "enter")
        await settled(pilot, host, 1)
        assert asked(pilot) == ["fix the parser", "write the docs", "third"]
    assert host.past.done == ["rewind 2 conversation=False files=True force=False"]


async def test_what_cannot_be_done_is_a_sentence() -> None:
    app = QwrightApp(ScriptedHost())
    async with app.run_test() as pilot:
        for command in ("/undo", "/rewind", "/redo"):
            await ask(app, pilot, command)
        await pilot.pause(0.5)
        assert [sentence.split(":")[0] for sentence in notices(pilot)] == [
            "There is nothing to undo",
            "There is nothing to go back to",
            "There is nothing to redo",
        ]


async def test_an_interrupted_request_goes_on_with_enter() -> None:
    opened = replace(OPENED, history=[TurnStarted("x", "cut off")], unfinished=True)
    host = ScriptedHost([TurnEnded("failed", "Stopped.", 1)], opened=opened)
    app = QwrightApp(host)
    async with app.run_test() as pilot:
        await until(pilot, UserBlock)
        await pilot.press("enter")
        await until(pilot, EndBlock)
    assert host.requests == []


async def test_a_request_of_the_command_line_comes_before_an_interrupted_one() -> None:
    opened = replace(OPENED, history=[TurnStarted("x", "cut off")], unfinished=True)
    host = ScriptedHost([TurnEnded("done", "Done.", 1)], opened=opened)
    app = QwrightApp(host, request="something else")
    async with app.run_test() as pilot:
        await until(pilot, EndBlock)
        assert app.prompt.editor.text == ""
    assert host.requests == ["something else"]


async def test_sessions_are_searched_by_all_their_requests_and_taken_up() -> None:
    host = ScriptedHost()
    host.past.others = LINES
    app = QwrightApp(host)
    async with app.run_test(size=(100, 30)) as pilot:
        await ask(app, pilot, "/sessions")
        await screen_is(pilot, PickerScreen)
        assert app.screen.query_one(OptionList).option_count == 2
        await pilot.press(*"tests")
        await pilot.pause()
        await pilot.press("enter")
        await settled(pilot, host, 1)
    assert host.past.done == ["open 20260101-1"]


async def test_fork_rename_and_export() -> None:
    host = host_with("first")
    app = QwrightApp(host)
    async with app.run_test() as pilot:
        await ask(app, pilot, "/fork other way")
        await settled(pilot, host, 2)
        await ask(app, pilot, "/rename a name")
        await ask(app, pilot, "/export json out.jsonl")
        await settled(pilot, host, 4)
        assert "The session is in out.jsonl." in notices(pilot)
    assert host.past.done == ["fork", "rename other way", "rename a name", "export json"]


@pytest.mark.parametrize(
    ("keys", "picked"), [(["enter"], "20260101-1"), (["down", "enter"], "20260101-2"), (["escape"], None)]
)
async def test_the_list_as_an_app_of_its_own(keys: list[str], picked: str | None) -> None:
    app = PickerApp(LINES)
    async with app.run_test() as pilot:
        await pilot.pause(0.1)
        assert app.screen.query_one(Input).has_focus
        await pilot.press(*keys)
    assert app.return_value == picked


def test_ages_and_first_lines() -> None:
    assert [ago(seconds) for seconds in (5, 60, 3600 * 5, 86400 * 3.5)] == ["now", "1 min ago", "5 h ago", "3 d ago"]
    assert (first_line("\n  a \nb"), first_line(" \n")) == ("a", "(empty)")
