"""The app over a scripted session: requests, interruption, queue, questions, failures."""

import asyncio

from textual.pilot import Pilot

from agent.events import (
    CallFinished,
    CallNamed,
    CallStarted,
    ContentDelta,
    QuestionAsked,
    ReasoningDelta,
    StepFinished,
    StepStarted,
    TurnEnded,
)
from agent.turn import Usage
from tests.fakes.clock import Clock
from tests.fakes.host import ScriptedHost
from tui.app import QwrightApp
from tui.approval.card import GRACE_S
from tui.approval.question import QuestionCard
from tui.conversation.view import Conversation
from tui.model.blocks import AnswerBlock, EndBlock, ThoughtBlock, ToolBlock, UserBlock
from tui.prompt.editor import PromptEditor

DONE = TurnEnded("done", "All well.", 1)
ANSWERED = [
    StepStarted(1, True, "first step of a request"),
    ReasoningDelta("Let me "),
    ReasoningDelta("look."),
    ContentDelta("I *look*."),
    CallNamed("bash"),
    StepFinished(1, Usage(1000, 50, 12, 900), 0.1, 2.6, "I *look*.", 2.0),
    CallStarted("s1c0", "bash", '{"command": "ls"}'),
    CallFinished("s1c0", "bash", True, "2 lines", "a\nb\n", "", 0.2),
    DONE,
]


async def ask(app: QwrightApp, pilot: Pilot[int], text: str) -> None:
    app.query_one(PromptEditor).insert(text)
    await pilot.press("enter")


async def until(pilot: Pilot[int], kind: type[object], count: int = 1) -> None:
    """Wait for so many blocks of a kind, and for their widgets."""
    async with asyncio.timeout(10):
        while sum(isinstance(block, kind) for block in conversation(pilot).feed.blocks) < count:
            await pilot.pause(0.02)
    await pilot.pause(0.1)


async def on_screen(pilot: Pilot[int], kind: type[object]) -> None:
    """Wait until a screen of this kind is up, and drawn."""
    async with asyncio.timeout(10):
        while not isinstance(pilot.app.screen, kind):
            await pilot.pause(0.02)
    await pilot.pause()


def conversation(pilot: Pilot[int]) -> Conversation:
    return pilot.app.query_one(Conversation)


async def test_a_turn_from_request_to_end() -> None:
    app = QwrightApp(ScriptedHost(ANSWERED))
    async with app.run_test(size=(100, 30)) as pilot:
        await ask(app, pilot, "look around")
        await until(pilot, EndBlock)
        kinds = [type(block) for block in app.conversation.feed.blocks]
        assert kinds == [UserBlock, ThoughtBlock, AnswerBlock, ToolBlock, EndBlock]
        lines = app.conversation.text.split("\n")
        assert "▸ thought 2.0 s · 12 tokens · first step of a request" in lines
        assert "✓ bash ls  0.2 s" in lines


async def test_a_request_of_the_command_line_runs_as_soon_as_all_is_open() -> None:
    host = ScriptedHost([DONE])
    app = QwrightApp(host, request="look around")
    async with app.run_test() as pilot:
        await until(pilot, EndBlock)
    assert host.requests == ["look around"]


async def test_requests_wait_their_turn() -> None:
    host = ScriptedHost([0.3, DONE], [DONE])
    app = QwrightApp(host)
    async with app.run_test() as pilot:
        await ask(app, pilot, "first")
        await ask(app, pilot, "second")
        await until(pilot, EndBlock, 2)
    assert host.requests == ["first", "second"]


async def test_escape_ends_what_runs_and_the_next_request_is_taken() -> None:
    host = ScriptedHost([60.0, DONE], [DONE])
    app = QwrightApp(host)
    async with app.run_test() as pilot:
        await ask(app, pilot, "long")
        await until(pilot, UserBlock)
        await pilot.press("escape")
        await until(pilot, EndBlock)
        await ask(app, pilot, "short")
        await until(pilot, EndBlock, 2)
    assert host.cancelled == 1
    assert host.requests == ["long", "short"]


async def test_a_question_is_answered_with_the_next_text() -> None:
    host = ScriptedHost([QuestionAsked("s1c0", "Which?", ("a", "b"))], [DONE])
    clock = Clock()
    app = QwrightApp(host, clock)
    async with app.run_test() as pilot:
        await ask(app, pilot, "choose")
        await on_screen(pilot, QuestionCard)
        clock.go_on(GRACE_S)
        await pilot.press(*"b", "enter")
        await until(pilot, EndBlock)
    assert host.answers == ["b"]


async def test_untrusted_text_is_never_markup() -> None:
    evil = "[link=http://evil]x[/link] [/] [bold"
    play = [
        CallStarted("c", "bash", '{"command": "[bold"}'),
        CallFinished("c", "bash", False, evil, evil, "", 0.1),
        DONE,
    ]
    app = QwrightApp(ScriptedHost(play))
    async with app.run_test(size=(100, 30)) as pilot:
        await ask(app, pilot, evil)
        await until(pilot, EndBlock)
        assert app.conversation.text.count(evil) == 2


async def test_quitting_closes_the_session() -> None:
    host = ScriptedHost()
    app = QwrightApp(host)
    async with app.run_test() as pilot:
        await pilot.press("ctrl+d")
        await pilot.pause()
    assert host.closed
