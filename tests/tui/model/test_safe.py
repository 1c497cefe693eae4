"""Nothing untrusted reaches the terminal as a control, however it is written or cut."""

import re
import unicodedata

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tests.tui.hostile.stage import hidden
from tui.model.safe import coloured, line, plain, revealed, unhidden_cells, visible

HOSTILE = st.text(st.one_of(st.characters(), st.sampled_from("\x1b\x9b\x07\r\n\t[]0;31mHJ\\\u202e\ud800")))


def controls(text: str) -> list[str]:
    return [it for it in text if unicodedata.category(it) in ("Cc", "Cs") and it not in "\n\t"]


@given(HOSTILE)
def test_no_control_is_left(text: str) -> None:
    assert controls(plain(text)) == controls(visible(text)) == []
    assert "\u202e" not in plain(text)
    plain(text).encode()


@given(HOSTILE)
def test_colours_are_the_only_sequences(text: str) -> None:
    assert controls(re.sub(r"\x1b\[[0-9;:]*m", "", coloured(text))) == []


@given(HOSTILE, st.integers(0, 30))
def test_a_stream_may_be_cut_anywhere(text: str, at: int) -> None:
    assert visible(text[:at]) + visible(text[at:]) == visible(text)


@given(HOSTILE)
def test_nothing_hides(text: str) -> None:
    assert hidden(plain(text)) == hidden(revealed(text)) == hidden(line(text)) == set()
    assert "\n" not in line(text)


@given(HOSTILE)
def test_a_drawn_line_keeps_its_width(text: str) -> None:
    drawn = unhidden_cells(text)
    assert hidden(drawn) == set()
    assert "\n" not in drawn
    assert cell_len(drawn) == cell_len(text)


@given(st.text(st.characters(categories=["L", "N", "P", "Zs"], exclude_characters="\u115f\u1160\u3164\uffa0")))
def test_harmless_text_is_kept(text: str) -> None:
    assert plain(text) == coloured(text) == text


def test_sequences_go_and_the_last_writing_of_a_line_stays() -> None:
    assert plain("a\x1b]0;title\x07b\x1b[2Jc\x1b[31md") == "abcd"
    assert coloured("10 %\r50 %\r100 %\r\n\x1b[31mred\x1b[0m\x1b]8;;http://x\x07y") == "100 %\n\x1b[31mred\x1b[0my"
