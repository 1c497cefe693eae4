"""What a terminal would hide or act on is visible on a card."""

from hypothesis import given
from hypothesis import strategies as st

from tui.model.safe import revealed


@given(st.text())
def test_nothing_unprintable_is_left(text: str) -> None:
    assert all(char.isprintable() or char == "\n" for char in revealed(text))


def test_signs() -> None:
    assert revealed("a\x1b[31m\r\x7f") == "a␛[31m␍␡"
    assert revealed("x\u202ey\u200b") == "x<U+202E RIGHT-TO-LEFT OVERRIDE>y<U+200B ZERO WIDTH SPACE>"
    assert revealed("echo 你好\n") == "echo 你好\n"
