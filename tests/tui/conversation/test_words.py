"""Head lines fit their width in cells."""

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tui.conversation.words import cut_middle


@given(st.text(st.sampled_from("ab 漢字é")), st.integers(1, 40))
def test_a_cut_text_fits_and_keeps_its_ends(text: str, cells: int) -> None:
    cut = cut_middle(text, cells)
    assert cell_len(cut) <= cells
    assert cut == text or "…" in cut


def test_the_middle_goes() -> None:
    assert cut_middle("abcdefghij", 7) == "abc…hij"
