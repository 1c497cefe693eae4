"""What a terminal would hide or act on is visible on a card."""

from hypothesis import given
from hypothesis import strategies as st

from tui.approval.visible import visible


@given(st.text())
def test_nothing_unprintable_is_left(text: str) -> None:
    assert all(char.isprintable() or char == "\n" for char in visible(text))


def test_signs() -> None:
    assert visible("a\x1b[31m\r\x7f") == "a␛[31m␍␡"
    assert visible("x\u202ey\u200b") == "x<U+202E RIGHT-TO-LEFT OVERRIDE>y<U+200B ZERO WIDTH SPACE>"
    assert visible("echo 你好\n") == "echo 你好\n"
