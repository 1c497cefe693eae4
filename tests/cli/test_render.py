"""Events as lines for people."""

import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent import events
from agent.turn import Usage
from cli.calls import call_in_short, last_lines
from cli.output import Form, Output, TurnResult
from cli.printing import paint_diff, printable
from cli.render import Detail, TextRenderer
from sandboxes.runner.command import LIVE_END


def shown(*stream: events.Event, colour: bool = False, reasoning: bool = False, verbose: bool = False) -> str:
    out = io.StringIO()
    render = TextRenderer(out, colour, Detail(reasoning, verbose))
    for event in stream:
        render(event)
    return out.getvalue()


def started(call_id: str, tool: str, arguments: str) -> events.CallStarted:
    return events.CallStarted(call_id, tool, arguments)


def finished(call_id: str, tool: str, summary: str, text: str = "", *, ok: bool = True) -> events.CallFinished:
    return events.CallFinished(call_id, tool, ok, summary, text, "", 0.02)


def test_a_step_from_its_mode_to_its_figures() -> None:
    lines = shown(
        events.StepStarted(3, thinking=True, reason="a test failed"),
        events.ReasoningDelta("Why"),
        events.ContentDelta("\n\nI look "),
        events.ContentDelta("again.\n\n"),
        events.StepFinished(3, Usage(1200, 50, 20, 1000), 0.1, 2.34, "I look again.", 0.0, 1000 / 1200, 200, 190),
    )
    assert lines == (
        "\n 3 think  a test failed\n   I look again.\n"
        "   1,200 tokens in (83% cached, 200 computed), 50 out (20 thought), 2.3 s\n"
    )


def test_reasoning_is_shown_where_it_is_wanted_and_apart_from_the_answer() -> None:
    stream = (events.ReasoningDelta("Why?\n"), events.ContentDelta("\nSo."), events.TurnEnded("done", "So.", 1))
    assert shown(*stream, reasoning=True).startswith("   Why?\n   So.\n")
    assert shown(*stream).startswith("   So.\n")


def test_a_command_ends_its_own_line_and_its_last_lines_follow() -> None:
    output = "one\ntwo\n-----\nthree\n\nfour\n[exit code 1]"
    stream = (
        started("a", "bash", '{"command": "make"}'),
        events.CallOutput("a", "one"),
        finished("a", "bash", "make (exit 0, 1.5 s)", output),
    )
    assert (
        shown(*stream)
        == "   bash make  ✓ exit 0, 1.5 s\n     │ … 1 more above\n     │ two\n     │ three\n     │ four\n"
    )


def test_verbose_says_where_the_live_output_ends_and_shows_the_end_of_it() -> None:
    left = "[… about 2,970,000 of 3,000,000 bytes left out; the whole output is in /tmp/1.log]"
    text = f"y\ny\n{left}\nlast\n[exit code 1]"
    end = LIVE_END.decode().strip()
    stream = (
        started("a", "bash", '{"command": "yes"}'),
        events.CallOutput("a", f"y\ny\n{LIVE_END.decode()}"),
        finished("a", "bash", "yes (exit 1, 1.5 s)", text, ok=False),
        started("b", "bash", '{"command": "ls"}'),
        events.CallOutput("b", "a.py\n"),
        finished("b", "bash", "ls (exit 0, 0.5 s)", "a.py"),
    )
    bars = "".join(f"     │ {line}\n" for line in ("y", "y", "", end))
    rest = "".join(f"     │ {line}\n" for line in (left, "last", "[exit code 1]"))
    again = "   bash ls\n     │ a.py\n     ✓ exit 0, 0.5 s\n"
    assert shown(*stream, verbose=True) == f"   bash yes\n{bars}     ✗ exit 1, 1.5 s\n{rest}{again}"


def test_a_long_command_is_not_told_twice() -> None:
    stream = (
        started("a", "bash", '{"command": "python -c \\"print(1)\\" (really)"}'),
        finished("a", "bash", 'python -c "pr… (exit 0, 0.1 s)'),
    )
    assert shown(*stream) == '   bash python -c "print(1)" (really)  ✓ exit 0, 0.1 s\n'


def test_reads_side_by_side_have_one_line_each_and_a_failure_names_its_arguments() -> None:
    stream = (
        started("a", "str_replace_editor", '{"command": "view", "path": "a.py"}'),
        started("b", "str_replace_editor", '{"command": "view", "path": "b.py"}'),
        finished("a", "str_replace_editor", "a.py, lines 1-2 of 2"),
        finished("b", "str_replace_editor", "There is no such file.", ok=False),
    )
    assert shown(*stream) == (
        "   str_replace_editor a.py, lines 1-2 of 2 ✓\n   str_replace_editor view b.py: There is no such file. ✗\n"
    )


def test_a_line_that_waits_for_its_result_is_closed_by_whatever_comes_between() -> None:
    stream = (
        started("a", "bash", '{"command": "sleep 9"}'),
        events.Notice("The server is slow."),
        finished("a", "bash", "sleep 9 (exit 0, 9.0 s)"),
    )
    assert shown(*stream) == "   bash sleep 9\n i The server is slow.\n     ✓ exit 0, 9.0 s\n"


def test_commands_side_by_side_do_not_run_into_each_other() -> None:
    stream = (
        events.ContentDelta("Both:"),
        started("a", "bash", '{"command": "ls"}'),
        started("b", "bash", '{"command": "pwd"}'),
        finished("b", "bash", "pwd (exit 0, 0.1 s)"),
        finished("a", "bash", "ls (exit 0, 0.1 s)"),
    )
    ends = "   bash pwd  ✓ exit 0, 0.1 s\n   bash ls  ✓ exit 0, 0.1 s\n"
    assert shown(*stream) == "   Both:\n   bash ls\n" + ends


@pytest.mark.parametrize(
    ("tool", "summary", "line"), [("submit", "submitted", "submitted"), ("search", "search x: 1", "x: 1")]
)
def test_a_summary_does_not_repeat_the_tool(tool: str, summary: str, line: str) -> None:
    assert shown(started("a", tool, "{}"), finished("a", tool, summary)) == f"   {tool} {line} ✓\n"


def test_the_last_words_are_not_said_twice_but_an_unsaid_summary_is_said() -> None:
    figures = events.StepFinished(1, Usage(), 0, 0, "All done.")
    assert "All done." not in shown(figures, events.TurnEnded("done", "All done.", 1))
    assert "\ndone after 1 step\nTests pass.\n" in shown(figures, events.TurnEnded("done", "Tests pass.", 1))
    assert "\nlimit after 2 steps\nStopped.\n" in shown(figures, events.TurnEnded("limit", "Stopped.", 2))


@given(st.text())
def test_nothing_shown_can_drive_the_terminal_or_fail_to_be_written(text: str) -> None:
    dirty = text + "\x1b]0;x\x07\u202e\ud800\x9b2J"
    stream = (
        events.TurnStarted("s", dirty),
        events.ContentDelta(dirty),
        started("a", "bash", dirty),
        finished("a", "bash", dirty, dirty),
        events.FaultHandled(dirty, dirty),
        events.QuestionAsked("q", dirty),
        events.TurnEnded("failed", dirty, 1),
    )
    for output in (shown(*stream), paint_diff(dirty, colour=False)):
        output.encode()
        assert not set(output) & {"\x1b", "\x07", "\x9b", "\u202e"}


def test_colours_are_only_styles_and_the_text_is_the_same() -> None:

    stream = (
        events.StepStarted(1, thinking=False, reason="r"),
        started("a", "submit", "{}"),
        finished("a", "submit", "s"),
    )
    coloured = shown(*stream, colour=True)
    assert "\x1b[36mdirect\x1b[0m" in coloured
    assert re.sub(r"\x1b\[\d+m", "", coloured) == shown(*stream)


@given(st.lists(st.sampled_from(["a", "", "---", "[exit code 2]"])), st.integers(1, 5))
def test_what_is_left_out_of_an_output_is_counted(lines: list[str], most: int) -> None:
    kept = last_lines("\n".join(lines), most)
    telling = lines.count("a")
    assert len([line for line in kept if line == "a"]) == min(telling, most)
    assert (kept[:1] == [f"… {telling - most} more above"]) is (telling > most)


@pytest.mark.parametrize(
    ("tool", "arguments", "short"),
    [
        ("bash", '{"timeout": 3, "command": "ls\\n-l"}', "ls -l"),
        ("str_replace_editor", '{"command": "create", "path": "x", "file_text": "y"}', "create x"),
        ("other", '{"a": 1, "b": "c"}', "1 c"),
        ("bash", "{cut", "{cut"),
        ("bash", "[]", "[]"),
    ],
)
def test_calls_in_short(tool: str, arguments: str, short: str) -> None:
    assert call_in_short(tool, arguments) == short


def test_windows_line_ends_are_line_ends() -> None:
    assert printable("a\r\nb\rc") == "a\nb\\x0dc"


def test_a_stream_that_cannot_show_a_character_does_not_end_the_run() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    output = Output(Form(), out=stream, err=stream)
    output.sink(events.ContentDelta("naïve ✓\n"))
    patch = b"+\xff\n".decode("utf-8", "surrogateescape")
    output.result(
        TurnResult("done", 0, "s", "", patch, 1, _USAGE, {"summary": "Thought on 0 of 1 step."}, {}, 1.0, "/log")
    )
    stream.flush()
    assert b"1 step in 1.0 s" in raw.getvalue()


_USAGE: dict[str, int] = dict.fromkeys(("prompt_tokens", "cached_tokens", "completion_tokens", "reasoning_tokens"), 0)
