"""The status line: what a slow answer waits for, the pace of the last one, and that there is no sandbox."""

import pytest
from textual.pilot import Pilot

from agent.events import ContentDelta, StepFinished, TurnEnded, Waiting
from agent.turn import Usage
from tests.fakes.host import ScriptedHost
from tests.tui.test_app import ask, until
from tui.app import QwrightApp
from tui.model.blocks import AnswerBlock, EndBlock, NoticeBlock
from tui.opened import Opened
from tui.status.line import StatusLine

QUEUED = "Queued behind up to 7 requests (1 running, 6 waiting)."


def said(pilot: Pilot[int]) -> str:
    return str(pilot.app.query_one(StatusLine).content)


@pytest.mark.parametrize(("width", "words"), [(120, QUEUED), (60, "Queued behind up to 7 requests")])
async def test_a_slow_answer_is_explained_until_it_comes(width: int, words: str) -> None:
    play = [Waiting(QUEUED), 1.0, ContentDelta("Here."), 60.0, TurnEnded("done", "", 1)]
    app = QwrightApp(ScriptedHost(play), clock=lambda: 1.0)
    async with app.run_test(size=(width, 20)) as pilot:
        await ask(app, pilot, "go")
        while "Queued" not in said(pilot):
            await pilot.pause(0.02)
        assert words in said(pilot)
        assert ("(1 running" in said(pilot)) == (words == QUEUED)
        await until(pilot, AnswerBlock)
        assert "Queued" not in said(pilot)
        assert not [block for block in app.conversation.feed.blocks if isinstance(block, NoticeBlock)]


async def test_the_pace_of_the_last_answer() -> None:
    done = StepFinished(1, Usage(1000, 300, 0, 900), first_token_s=1.0, duration_s=5.0, text="")
    app = QwrightApp(ScriptedHost([done, TurnEnded("done", "", 1)]))
    async with app.run_test(size=(140, 20)) as pilot:
        await ask(app, pilot, "go")
        await until(pilot, EndBlock)
        assert "75 tokens/s" in said(pilot)


@pytest.mark.parametrize("width", [48, 140])
async def test_that_nothing_isolates_is_the_last_to_be_left_out(width: int) -> None:
    opened = Opened("id", "q/Q", 1000, "local: NOTHING ISOLATES commands", "auto")
    app = QwrightApp(ScriptedHost(opened=opened))
    async with app.run_test(size=(width, 20)) as pilot:
        await pilot.pause(0.1)
        assert "no sandbox" in said(pilot)
