import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.output import clean, clip, clip_line, line_count

TEXTS = st.text(alphabet="ab é\n", max_size=200)


@given(TEXTS, st.integers(1, 60), st.integers(0, 60))
def test_clip_keeps_to_its_cap_and_counts_what_it_left_out(text: str, head: int, tail: int) -> None:
    cut = clip(text, head=head, tail=tail)
    assert len(cut.head) + len(cut.tail) <= head + tail
    middle = text[len(cut.head) : len(text) - len(cut.tail)]
    assert text == cut.head + middle + cut.tail
    assert cut.left_characters == len(middle)
    assert cut.left_lines == line_count(middle)
    if len(text) <= head + tail:
        assert cut.text("") == text
    else:
        assert f"{cut.left_characters:,} characters in {cut.left_lines:,} lines" in cut.text("; it is in /x")
        assert "it is in /x" in cut.text("; it is in /x")


def test_clip_cuts_at_line_ends() -> None:
    text = "\n".join(f"line {number}" for number in range(1000))
    cut = clip(text, head=100, tail=100)
    assert cut.head.endswith("\n")
    assert cut.tail.startswith("line ")
    assert cut.tail.endswith("line 999")


@pytest.mark.parametrize(
    ("raw", "seen"),
    [
        (b"\x1b[1;31mred\x1b[0m", "red"),
        (b"\x1b]0;a title\x07text", "text"),
        (b"\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        (b"\x1b(Bplain", "plain"),
        (b"10%\r50%\r100%\ndone", "100%\ndone"),
        (b"10%\r50%\r", "50%"),
        (b"a\r\nb\r\n", "a\nb\n"),
        (b"ab\x08c", "ac"),
        (b"bell\x07 nul\x00", "bell nul"),
        (b"caf\xe9 \xff", "caf\ufffd \ufffd"),
        (b"\xd0\xbf\xd1\x80", "пр"),
        (b"tab\tstays\n  so do blanks", "tab\tstays\n  so do blanks"),
    ],
)
def test_terminal_tricks_are_collapsed(raw: bytes, seen: str) -> None:
    assert clean(raw) == seen


@given(st.binary(max_size=300))
def test_cleaned_output_holds_no_control_characters(raw: bytes) -> None:
    assert not any(character < " " and character not in "\t\n\x0c" for character in clean(raw))


@given(st.text(alphabet="abc \té\n", max_size=200))
def test_plain_text_stays_as_it_is(text: str) -> None:
    assert clean(text.encode()) == text


def test_long_line_says_how_much_is_missing() -> None:
    assert clip_line("x" * 1500, 500) == "x" * 500 + "[… 1,000 more characters in this line]"
    assert clip_line("x" * 500, 500) == "x" * 500
