"""The prompt in the app: completions, mentions, history, queue, steering, pasting."""

import asyncio
from collections.abc import Callable

import pytest
from textual import events as keys
from textual.events import Key
from textual.pilot import Pilot

from agent.events import QuestionAsked, Steered, TurnEnded, TurnStatus
from tests.fakes.clock import Clock
from tests.fakes.host import ScriptedHost
from tests.tui.test_app import ask, on_screen, until
from tui.app import QwrightApp
from tui.approval.card import GRACE_S
from tui.approval.question import QuestionCard
from tui.model.blocks import EndBlock, UserBlock
from tui.prompt.popup import Popup

DONE = TurnEnded("done", "All well.", 1)
LONG = "\n".join(f"line {number}" for number in range(120))


async def holds(pilot: Pilot[int], condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await pilot.pause(0.02)


def popup(app: QwrightApp) -> Popup:
    return app.query_one(Popup)


async def test_a_command_is_completed_and_run_with_enter() -> None:
    app = QwrightApp(ScriptedHost())
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press(*"/thi")
        await holds(pilot, lambda: popup(app).open)
        await pilot.press("enter")
        await holds(pilot, lambda: app.prompt.editor.text == "/thinking ")
        await holds(pilot, lambda: popup(app).open)
        await pilot.press(*"ne", "tab")
        await holds(pilot, lambda: app.prompt.editor.text == "/thinking never")
        await pilot.press("enter")
        await holds(pilot, lambda: app.policy == "never")
        assert app.prompt.editor.text == ""


async def test_enter_means_what_was_typed_and_not_what_the_popup_showed_for_less_of_it() -> None:
    host = ScriptedHost()
    app = QwrightApp(host)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press(*"/mode", "space")
        await holds(pilot, lambda: "edits" in popup(app).text)
        for letter in "ask\r/mode plan\r":
            key = {" ": "space", "\r": "enter", "/": "slash"}.get(letter, letter)
            app.post_message(Key(key, letter))
        await holds(pilot, lambda: host.mode == "plan")
        assert app.prompt.editor.text == ""
        await pilot.press(*"/mode", "space", "e")
        await holds(pilot, lambda: popup(app).text == "edits")
        await pilot.press("enter")
        assert app.prompt.editor.text == "/mode edits"


async def test_a_file_is_found_and_named_with_quotes_around_spaces() -> None:
    host = ScriptedHost()
    host.paths = ["src/main.py", "src/my notes.md", "tests/test_main.py"]
    app = QwrightApp(host)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press(*"see @notes")
        await holds(pilot, lambda: popup(app).open)
        await pilot.press("tab")
        await holds(pilot, lambda: app.prompt.editor.text == 'see "src/my notes.md" ')
        await pilot.press(*"and @main")
        await holds(pilot, lambda: popup(app).open)
        await pilot.press("down", "tab")
        await holds(pilot, lambda: app.prompt.editor.text.endswith("and tests/test_main.py "))
        await pilot.press(*"@zzz")
        await pilot.pause(0.1)
        assert not popup(app).open


async def test_escape_closes_the_popup_and_interrupts_nothing() -> None:
    host = ScriptedHost([60.0, DONE])
    app = QwrightApp(host)
    async with app.run_test() as pilot:
        await ask(app, pilot, "long")
        await until(pilot, UserBlock)
        await pilot.press("/")
        await holds(pilot, lambda: popup(app).open)
        await pilot.press("escape")
        await pilot.pause()
        assert not popup(app).open
        assert host.cancelled == 0
        await pilot.press("escape")
        await until(pilot, EndBlock)
    assert host.cancelled == 1


async def test_what_is_typed_beside_the_prompt_goes_into_it() -> None:
    app = QwrightApp(ScriptedHost())
    async with app.run_test() as pilot:
        app.conversation.can_focus = True
        app.conversation.focus()
        await pilot.press(*"abc")
        await holds(pilot, lambda: app.prompt.editor.text == "abc" and app.prompt.editor.has_focus)


async def test_history_of_earlier_sessions_and_the_draft() -> None:
    host = ScriptedHost([DONE])
    host.remembered = ["from yesterday"]
    app = QwrightApp(host)
    async with app.run_test() as pilot:
        await ask(app, pilot, "first")
        await until(pilot, EndBlock)
        await pilot.press(*"draft", "up")
        await holds(pilot, lambda: app.prompt.editor.text == "first")
        await pilot.press("up")
        await holds(pilot, lambda: app.prompt.editor.text == "from yesterday")
        await pilot.press("down", "down")
        await holds(pilot, lambda: app.prompt.editor.text == "draft")
    assert host.remembered == ["from yesterday", "first"]


async def test_up_takes_the_last_queued_request_back() -> None:
    go = asyncio.Event()
    host = ScriptedHost([go, DONE], [DONE])
    app = QwrightApp(host)
    async with app.run_test(size=(80, 24)) as pilot:
        for text in ("one", "two", "three"):
            await ask(app, pilot, text)
        await holds(pilot, lambda: "2. queued: three" in str(app.prompt.queue.content))
        await pilot.press("up")
        await holds(pilot, lambda: app.prompt.editor.text == "three")
        assert "three" not in str(app.prompt.queue.content)
        go.set()
        await until(pilot, EndBlock, 2)
        assert not app.prompt.queue.display
    assert host.requests == ["one", "two"]


async def test_ctrl_s_steers_and_the_remark_shows_where_it_was_read() -> None:
    go, end = asyncio.Event(), asyncio.Event()
    host = ScriptedHost([go, Steered("use tabs"), end, DONE], [DONE])
    app = QwrightApp(host)
    async with app.run_test(size=(80, 24)) as pilot:
        await ask(app, pilot, "go")
        await until(pilot, UserBlock)
        await pilot.press(*"use tabs", "ctrl+s")
        await holds(pilot, lambda: host.steered == ["use tabs"])
        assert "next step: use tabs" in str(app.prompt.queue.content)
        go.set()
        await until(pilot, UserBlock, 2)
        assert not app.prompt.queue.display
        end.set()
        await until(pilot, EndBlock)
        await pilot.press(*"more", "ctrl+s")
        await until(pilot, EndBlock, 2)
    assert host.requests == ["go", "more"]


async def test_a_long_paste_is_folded_on_the_screen_and_sent_whole() -> None:
    host = ScriptedHost([DONE])
    app = QwrightApp(host)
    async with app.run_test() as pilot:
        await pilot.press(*"why: ")
        app.prompt.editor.post_message(keys.Paste(LONG.replace("\n", "\r\n")))
        await holds(pilot, lambda: app.prompt.editor.text == "why: [pasted 120 lines]")
        await pilot.press("enter")
        await until(pilot, EndBlock)
    assert host.requests == [f"why: {LONG}"]


async def test_a_picture_that_is_named_dropped_or_copied_goes_with_the_request() -> None:
    host = ScriptedHost([DONE])
    host.paths, host.clipboard = ["docs/my screen.png"], "/state/clipboard-1.png"
    app = QwrightApp(host)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press(*"@screen")
        await holds(pilot, lambda: popup(app).open)
        await pilot.press("tab")
        await holds(pilot, lambda: app.prompt.editor.text == '@"docs/my screen.png" ')
        app.prompt.editor.post_message(keys.Paste("'/home/me/a.png'"))
        await holds(pilot, lambda: app.prompt.editor.text.endswith("@/home/me/a.png "))
        await pilot.press("ctrl+v")
        await holds(pilot, lambda: app.prompt.editor.text.endswith("@/state/clipboard-1.png "))
        await pilot.press("enter")
        await until(pilot, EndBlock)
    assert host.pictures == [("docs/my screen.png", "/home/me/a.png", "/state/clipboard-1.png")]


async def test_what_is_pasted_while_the_conversation_has_the_focus_is_for_the_prompt() -> None:
    app = QwrightApp(ScriptedHost([DONE]))
    async with app.run_test() as pilot:
        await ask(app, pilot, "hi")
        await until(pilot, EndBlock)
        app.conversation.focus()
        await holds(pilot, lambda: app.conversation.has_focus)
        app.post_message(keys.Paste("pasted"))
        await holds(pilot, lambda: app.prompt.editor.text == "pasted")
        assert app.prompt.editor.has_focus


async def test_without_a_picture_in_the_clipboard_its_text_is_pasted() -> None:
    app = QwrightApp(ScriptedHost())
    async with app.run_test() as pilot:
        app.copy_to_clipboard("copied")
        await pilot.press("ctrl+v")
        await holds(pilot, lambda: app.prompt.editor.text == "copied")


async def test_a_prepared_request_reads_no_file_that_it_names() -> None:
    """A project's own command could name any file of this machine."""
    host = ScriptedHost([DONE])
    app = QwrightApp(host)
    async with app.run_test() as pilot:
        app.ask("Look at @~/.ssh/id.png")
        await until(pilot, EndBlock)
    assert host.pictures == [()]


async def test_the_editor_grows_to_a_third_of_the_screen() -> None:
    app = QwrightApp(ScriptedHost())
    async with app.run_test(size=(80, 30)) as pilot:
        await pilot.press(*"a", "ctrl+j", *"b", "shift+enter", *"c")
        await pilot.pause()
        assert app.prompt.editor.text == "a\nb\nc"
        assert app.prompt.editor.size.height == 3
        for _ in range(20):
            await pilot.press("ctrl+j")
        await pilot.pause()
        assert app.prompt.editor.outer_size.height == 9


async def test_escape_twice_clears_the_text_and_up_brings_it_back() -> None:
    app = QwrightApp(ScriptedHost(), Clock())
    async with app.run_test() as pilot:
        await pilot.press(*"half a thought", "escape")
        await pilot.pause()
        assert app.prompt.editor.text == "half a thought"
        await pilot.press("escape", "escape")
        await holds(pilot, lambda: app.prompt.editor.text == "")
        await pilot.press("up")
        await holds(pilot, lambda: app.prompt.editor.text == "half a thought")


async def test_a_queued_request_is_no_answer_to_a_later_question() -> None:
    go = asyncio.Event()
    host = ScriptedHost([go, QuestionAsked("q", "Which?", ("a", "b"))], [DONE], [DONE])
    clock = Clock()
    app = QwrightApp(host, clock)
    async with app.run_test() as pilot:
        await ask(app, pilot, "choose")
        await ask(app, pilot, "and then this")
        go.set()
        await on_screen(pilot, QuestionCard)
        assert host.answers == []
        clock.go_on(GRACE_S)
        await pilot.press("b", "enter")
        await until(pilot, EndBlock, 2)
    assert (host.answers, host.requests) == (["b"], ["choose", "and then this"])


@pytest.mark.parametrize("status", ["done", "cancelled"])
async def test_a_remark_that_came_too_late_is_not_lost(status: TurnStatus) -> None:
    host = ScriptedHost([0.05, TurnEnded(status, "", 1)], [DONE])
    host.unheard = ("also the docs",)
    app = QwrightApp(host)
    async with app.run_test() as pilot:
        await ask(app, pilot, "go")
        if status == "done":
            await until(pilot, EndBlock, 2)
            assert host.requests == ["go", "also the docs"]
        else:
            await holds(pilot, lambda: app.prompt.editor.text == "also the docs")
            assert host.requests == ["go"]
