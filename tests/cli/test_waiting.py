"""How the wait for a server looks, on a terminal and elsewhere."""

import io

import pytest

from cli.waiting import Waiting, echo


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_on_a_terminal_one_line_changes() -> None:
    out = Terminal()
    with Waiting(out) as told:
        told(1, "loading the weights", "50 %")
        told(2, "loading the weights", "\x1b]0;title\x07100 %")
    shown = out.getvalue()
    assert "1 s, loading the weights: 50 %" in shown
    assert "\x1b]" not in shown
    assert shown.endswith("\r\x1b[2K")
    assert "\n" not in shown


def test_elsewhere_a_line_a_stage() -> None:
    out = io.StringIO()
    with Waiting(out) as told:
        for seconds, busy in ((0.4, "starting"), (1, "starting"), (2, "loading the weights")):
            told(seconds, busy, "x")
    assert out.getvalue().splitlines() == ["  0 s, starting", "  2 s, loading the weights"]
    with Waiting(quiet := io.StringIO(), quiet=True) as told:
        told(1, "starting", "x")
    assert quiet.getvalue() == ""


def test_lines_of_the_server_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    echo(["INFO \x1b]0;title\x07 ready", "next"])
    out = capsys.readouterr().out
    assert out.count("\n") == 2
    assert "\x1b]" not in out
