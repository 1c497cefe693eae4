"""What was pasted comes back whole, whatever stands around it."""

from hypothesis import given
from hypothesis import strategies as st

from tui.prompt.pasted import FOLDED_LINES, Pasted

texts = st.text().map(lambda text: text + "\nline" * FOLDED_LINES)


@given(st.lists(texts, max_size=4), st.text("ab \n[]#"))
def test_what_is_folded_is_expanded(pieces: list[str], between: str) -> None:
    pasted = Pasted()
    shown = between.join(pasted.fold(piece) for piece in pieces)
    assert pasted.expand(shown) == between.join(pieces)


@given(st.text(max_size=100).filter(lambda text: text.count("\n") < FOLDED_LINES - 1))
def test_short_text_stays(text: str) -> None:
    assert Pasted().fold(text) == text


def test_marks_are_told_apart_and_typed_ones_mean_nothing() -> None:
    pasted = Pasted()
    one, two = "a\n" * 20, "b\n" * 20
    assert (pasted.fold(one), pasted.fold(two)) == ("[pasted 20 lines]", "[pasted 20 lines #2]")
    assert pasted.fold(one) == "[pasted 20 lines]"
    assert pasted.fold(one + "end") == "[pasted 21 lines]"
    assert pasted.expand("[pasted 99 lines]") == "[pasted 99 lines]"
    assert pasted.fold("x" * 5000) == "[pasted 5,000 characters]"
