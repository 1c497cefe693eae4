"""Progress lines on a terminal and elsewhere."""

import io

import pytest

from cli.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_shows_one_line_that_fits_and_is_clean_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    out = Terminal()
    with Progress(out) as progress:
        progress("first\x1b[2J")
        progress("x" * 200)
    assert "\n" not in out.getvalue()
    pieces = out.getvalue().split("\r\x1b[2K")
    assert pieces[1] == "  \x1b[2mfirst\\x1b[2J\x1b[0m"
    assert len(pieces[2]) <= 40 + len("\x1b[2m\x1b[0m")
    assert pieces[3] == ""


def test_elsewhere_every_line_stays() -> None:
    out = io.StringIO()
    with Progress(out) as progress:
        progress("one")
        progress("two")
    assert out.getvalue() == "  one\n  two\n"
