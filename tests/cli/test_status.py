"""The status line: drawn calmly, gone before anything else is written, never longer than the terminal."""

import asyncio
import io
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent import events
from cli.render import Detail, TextRenderer
from cli.status import StatusLine, elapsed, fitting, last_line

CLEAR = "\r\x1b[2K"


async def test_a_command_shows_its_seconds_and_its_last_line() -> None:
    out, now = io.StringIO(), [100.0]
    line = StatusLine(out, live=True, clock=lambda: now[0])
    line.begin("bash make", at_once=True)
    assert out.getvalue() == f"{CLEAR}   \x1b[2mbash make\x1b[0m"
    line.hear("one\ntwo\x1b[2J\n 40 %\r 50 %\n\n")
    now[0] = 175.4
    line.draw()
    assert out.getvalue().endswith(f"{CLEAR}   \x1b[2mbash make 1 min 15 s 50 %\x1b[0m")
    line.end()
    assert out.getvalue().endswith(CLEAR)
    line.end()
    assert out.getvalue().count(CLEAR) == 3


async def test_it_comes_by_itself_after_a_second_and_not_after_its_end() -> None:
    out = io.StringIO()
    line = StatusLine(out, live=True)
    line.begin("waiting")
    assert out.getvalue() == ""
    await asyncio.sleep(1.1)
    assert "waiting 1 s" in out.getvalue()
    line.end()
    written = out.getvalue()
    await asyncio.sleep(1.1)
    assert out.getvalue() == written


def test_without_a_terminal_nothing_is_drawn_and_no_loop_is_needed() -> None:
    out = io.StringIO()
    line = StatusLine(out, live=False)
    line.begin("x", at_once=True)
    line.hear("y")
    line.rename("z")
    line.end()
    assert out.getvalue() == ""


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.9, "0 s"),
        (59.9, "59 s"),
        (60, "1 min 00 s"),
        (3599, "59 min 59 s"),
        (3600, "1 h 00 min"),
        (7260, "2 h 01 min"),
    ],
)
def test_elapsed(seconds: float, text: str) -> None:
    assert elapsed(seconds) == text


@given(st.text(max_size=60), st.integers(2, 40))
def test_a_line_never_wraps(text: str, columns: int) -> None:
    shown = fitting(text, columns)
    assert sum(2 if unicodedata.east_asian_width(it) in "WF" else 1 for it in shown) <= columns
    assert "\n" not in shown


@given(st.lists(st.sampled_from(["", "  ", "a", "b"])))
def test_the_last_line_is_the_last_that_says_something(lines: list[str]) -> None:
    telling = [line for line in lines if line.strip()]
    assert last_line("\n".join(lines)) == (telling[-1] if telling else "")


async def test_what_scrolls_is_the_same_with_and_without_a_status_line() -> None:
    stream = (
        events.StepStarted(1, thinking=True, reason="r"),
        events.ReasoningDelta("hm"),
        events.ContentDelta("I look."),
        events.CallNamed("bash"),
        events.CallStarted("a", "bash", '{"command": "make"}'),
        events.CallOutput("a", "building\n"),
        events.Notice("slow"),
        events.CallFinished("a", "bash", True, "make (exit 0, 1.5 s)", "building", "", 1.5),
        events.TurnEnded("done", "ok", 1),
    )
    out = io.StringIO()
    render = TextRenderer(out, colour=False, live=True)
    for event in stream:
        render(event)
        if not isinstance(event, events.ContentDelta | events.TurnEnded):
            render.status.draw()
    kept = "".join(piece.rpartition("\x1b[0m")[2] for piece in out.getvalue().split(CLEAR))
    assert kept == (
        "\n 1 think  r\n   I look.\n i slow\n   bash make  ✓ exit 0, 1.5 s\n     │ building\n\ndone after 1 step\nok\n"
    )


def test_verbose_shows_all_output_once_and_short_calls_once() -> None:
    out = io.StringIO()
    render = TextRenderer(out, colour=False, detail=Detail(verbose=True))
    for event in (
        events.CallStarted("a", "bash", '{"command": "make"}'),
        *(events.CallOutput("a", text) for text in ("1\n2\n3", "\n4\n5\r\n6\x1b[2J")),
        events.CallFinished("a", "bash", True, "make (exit 0, 1.5 s)", "1\n…\n6", "", 1.5),
        events.CallStarted("b", "bash", '{"command": "x"}'),
        events.CallFinished("b", "bash", False, "command is empty.", "command is empty.", "", 0.0),
    ):
        render(event)
    bars = "".join(f"     │ {line}\n" for line in ("1", "2", "3", "4", "5", "6\\x1b[2J"))
    assert out.getvalue() == f"   bash make\n{bars}     ✓ exit 0, 1.5 s\n   bash x  ✗ command is empty.\n"
