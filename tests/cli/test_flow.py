"""Prose that arrives in pieces."""

import io
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.flow import Flow

TEXTS = st.text(alphabet="ab \n\t", max_size=60)


def flowed(pieces: list[str], width: int = 0, paint: str = "") -> str:
    out = io.StringIO()
    flow = Flow(out, "  ", width, paint)
    for piece in pieces:
        flow.feed(piece)
    flow.end()
    return out.getvalue()


@given(TEXTS, st.lists(st.integers(0, 60)), st.integers(0, 12))
def test_how_a_text_is_cut_into_pieces_does_not_show(text: str, cuts: list[int], width: int) -> None:
    places = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    pieces = [text[a:b] for a, b in pairwise(places)]
    assert flowed(pieces, width) == flowed([text], width)


@given(TEXTS, st.integers(0, 12))
def test_no_word_is_lost_and_nothing_hangs_over(text: str, width: int) -> None:
    shown = flowed([text], width)
    assert shown.split() == text.split()
    lines = shown.split("\n")[:-1]
    assert all(line == line.rstrip() for line in lines)
    assert not text.split() or (lines[0] and lines[-1])
    if width:
        assert all(len(line) <= width or len(line.split()) == 1 for line in lines)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("\n\n  \n", ""),
        ("\n\nHello.\n\n", "  Hello.\n"),
        ("one\n\n\n\ntwo", "  one\n\n  two\n"),
        ("a list:\n- one\n  - two", "  a list:\n  - one\n    - two\n"),
    ],
)
def test_blank_lines_and_indentation(text: str, shown: str) -> None:
    assert flowed([text]) == shown


def test_style_covers_words_only() -> None:
    assert flowed(["a b\nc"], paint="2") == "  \x1b[2ma\x1b[0m \x1b[2mb\x1b[0m\n  \x1b[2mc\x1b[0m\n"
