"""What is drawn, and how often: only what is looked at, and with a token only the end of the answer."""

import asyncio

from textual.pilot import Pilot

from agent.events import ContentDelta, Event, StepStarted, TurnStarted
from benchmarks.tui_echo_app import SAID, history
from tests.fakes.host import ScriptedHost
from tests.tui.pictures import opened
from tui.app import QwrightApp
from tui.conversation.sheet import Sheet
from tui.conversation.view import Conversation
from tui.opened import Opened

BLOCKS = 2_000


async def long(pilot: Pilot[int], app: QwrightApp) -> Conversation:
    await opened(pilot)
    async with asyncio.timeout(20):
        while len(app.conversation.feed.blocks) < BLOCKS:
            await pilot.pause(0.02)
    return app.conversation


def app_with(events: list[Event]) -> QwrightApp:
    return QwrightApp(ScriptedHost(opened=Opened("s", "m", 1000, "docker: x", "auto", events)))


def drawn(sheet: Sheet) -> int:
    return sum(entry.lines is not None for entry in sheet.entries)


async def test_of_a_long_conversation_only_what_is_seen_is_drawn() -> None:
    app = app_with(history(BLOCKS))
    async with app.run_test(size=(100, 40)) as pilot:
        view = await long(pilot, app)
        assert drawn(view.sheet) < 40
        assert view.scroll_offset.y == view.max_scroll_y > 5_000
        view.scroll_to(y=view.max_scroll_y // 2, animate=False)
        await pilot.pause()
        assert 10 < drawn(view.sheet) < 60
        first = view.sheet.at(view.scroll_offset.y)
        top = view.sheet.entries[first].block
        for _ in range(50):
            view.scroll_relative(y=-3, animate=False)
        for _ in range(50):
            view.scroll_relative(y=3, animate=False)
        assert view.sheet.entries[view.sheet.at(view.scroll_offset.y)].block is top


async def test_a_streamed_answer_draws_itself_and_nothing_else() -> None:
    app = app_with(history(BLOCKS))
    async with app.run_test(size=(100, 40)) as pilot:
        view = await long(pilot, app)
        await view.take([TurnStarted("s", "go"), StepStarted(1, False, "routine step"), ContentDelta("Well. ")])
        before = [entry.lines for entry in view.sheet.entries]
        text = SAID * 20
        for start in range(0, len(text), 40):
            await view.take([ContentDelta(text[start : start + 40])])
        assert all(one is other.lines for one, other in zip(before[:-1], view.sheet.entries[:-1], strict=True))
        answer = view.sheet.entries[-1].answer
        assert answer.length > len(text) - 2 * len(SAID)
        assert view.scroll_offset.y == view.max_scroll_y


async def test_streaming_lays_nothing_out() -> None:
    app = app_with([])
    async with app.run_test(size=(100, 40)) as pilot:
        await opened(pilot)
        view = app.conversation
        sizes: list[object] = []
        view.screen.screen_layout_refresh_signal.subscribe(  # pyright: ignore[reportUnknownMemberType]  # any Screen
            view, sizes.append
        )
        await view.take([StepStarted(1, False, "routine step")])
        for start in range(0, len(SAID) * 10, 10):
            await view.take([ContentDelta((SAID * 10)[start : start + 10])])
            await pilot.pause()
        assert view.sheet.height > 60
        assert len(sizes) <= 2


async def test_resizing_keeps_the_end_or_the_place() -> None:
    app = app_with(history(200))
    async with app.run_test(size=(100, 40)) as pilot:
        await opened(pilot)
        await pilot.pause(0.3)
        view = app.conversation
        for width in (40, 160, 90):
            await pilot.resize_terminal(width, 30)
            await pilot.pause(0.1)
            assert view.scroll_offset.y == view.max_scroll_y
            assert all(strip.cell_length <= view.room for entry in view.sheet.entries for strip in entry.lines or [])
        view.show_entry(100)
        block = view.sheet.entries[view.sheet.at(view.scroll_offset.y)].block
        await pilot.resize_terminal(60, 30)
        await pilot.pause(0.1)
        assert view.sheet.entries[view.sheet.at(view.scroll_offset.y)].block is block
