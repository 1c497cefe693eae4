"""Who looks elsewhere is called; who looks is left in peace; nothing of a request is obeyed by the terminal."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events

import tui.app
from agent.events import QuestionAsked, TurnEnded
from tests.fakes.host import Play, ScriptedHost
from tests.tui.pictures import opened
from tests.tui.test_app import DONE, ask, until
from tui.app import QwrightApp
from tui.calling import Attention, sequence, told
from tui.model.blocks import EndBlock
from tui.themes.names import Look


class Heard(QwrightApp):
    """Keeps what the terminal would be sent past the screen."""

    CSS_PATH = Path(tui.app.__file__).with_name("app.tcss")

    def __init__(self, *plays: Play, seconds: float = 0.0) -> None:
        super().__init__(ScriptedHost(*plays), look=Look(notify="osc777", notify_seconds=seconds))
        self.sent: list[str] = []

    def send_to_terminal(self, data: str) -> None:
        if data:
            self.sent.append(data)


@pytest.mark.parametrize(("report", "times"), [(events.AppBlur(), 1), (events.AppFocus(), 0), (None, 1)])
async def test_the_end_of_a_turn(report: events.Event | None, times: int) -> None:
    app = Heard([0.05, DONE])
    async with app.run_test() as pilot:
        await opened(pilot)
        if report is not None:
            app.post_message(report)
        await ask(app, pilot, "mend the parser")
        await until(pilot, EndBlock)
        assert len(app.sent) == times
        assert all("mend the parser" in sent and sent.startswith("\a\x1b]777;") for sent in app.sent)


async def test_short_turns_and_ends_by_the_person_are_quiet() -> None:
    app = Heard([DONE], seconds=60)
    async with app.run_test() as pilot:
        await opened(pilot)
        app.post_message(events.AppBlur())
        await ask(app, pilot, "quick")
        await until(pilot, EndBlock)
        assert app.sent == []
    assert told("x", "cancelled", "y") == ""


async def test_a_question_calls_at_once() -> None:
    app = Heard(
        [QuestionAsked("a", "Which?", ()), TurnEnded("waiting", "", 1), QuestionAsked("a", "Which?", ())], seconds=60
    )
    async with app.run_test() as pilot:
        await opened(pilot)
        app.post_message(events.AppBlur())
        await ask(app, pilot, "go")
        while not app.sent:
            await pilot.pause(0.02)
        assert "waits for your decision" in app.sent[0]


def test_who_types_is_there() -> None:
    assert not Attention().away(typed=True)
    assert Attention(focused=False).away(typed=True)


@pytest.mark.parametrize(
    ("environment", "begins"),
    [
        ({"TERM_PROGRAM": "iTerm.app"}, "\a\x1b]9;"),
        ({"TERM": "xterm-kitty"}, "\a\x1b]9;"),
        ({"TERM": "foot"}, "\a\x1b]777;notify;qwright;"),
        ({"TERM": "xterm-256color", "VTE_VERSION": "7600"}, "\a\x1b]777;notify;qwright;"),
        ({"TERM": "xterm-kitty", "TMUX": "x"}, "\a\x1bPtmux;\x1b\x1b]9;"),
    ],
)
def test_the_sequence_that_the_terminal_shows(environment: dict[str, str], begins: str) -> None:
    assert sequence("auto", "text", environment).startswith(begins)


def test_a_terminal_of_which_nothing_is_known_rings() -> None:
    assert sequence("auto", "text", {"TERM": "xterm"}) == "\a"
    assert sequence("bell", "text", {"TERM": "xterm-kitty"}) == "\a"
    assert sequence("off", "text", {}) == ""


@given(st.text(), st.text())
def test_no_request_ends_the_sequence_early(title: str, request_text: str) -> None:
    text = told(title, "done", request_text)
    assert not any(ord(letter) < 32 or 127 <= ord(letter) < 160 or letter == ";" for letter in text)
    assert sequence("osc9", text, {}) == f"\a\x1b]9;{text}\x07"
