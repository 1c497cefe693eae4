"""Lines of figures fit their width and stand in columns, whatever is in them."""

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tui.panels.rows import bar, fitted, percent, table

UNSEEN = ("Cc", "Cs", "Zl", "Zp", "Mn", "Me", "Cf")
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=UNSEEN), max_size=30)
FIGURES = st.integers(0, 10**9).map(lambda number: f"{number:,}")


@given(st.floats(-1, 2), st.integers(0, 60))
def test_a_bar_is_never_longer_than_its_room_and_shows_what_is_more_than_nothing(share: float, cells: int) -> None:
    drawn = bar(share, cells)
    assert cell_len(drawn) <= cells
    assert bool(drawn) == (share > 0 and cells > 0)


def test_bars_and_shares_of_known_length() -> None:
    assert bar(0.5, 10) == "█████"
    assert bar(1.0, 4) == "████"
    assert (percent(0.004), percent(0.5), percent(0.0)) == ("0.4 %", "50 %", "0 %")


@given(WORDS, st.integers(1, 40))
def test_fitted_text_fills_its_cells_exactly(text: str, cells: int) -> None:
    assert cell_len(fitted(text, cells)) == cells


@given(st.lists(st.tuples(WORDS, FIGURES, FIGURES), min_size=1, max_size=6), st.integers(46, 160))
def test_rows_of_a_table_are_of_one_length_and_fit(rows: list[tuple[str, str, str]], columns: int) -> None:
    lines = table(rows, columns).plain.split("\n")[:-1]
    assert len(lines) == len(rows)
    assert len({cell_len(line) for line in lines}) == 1
    assert cell_len(lines[0]) <= columns
    assert all(line.endswith(row[2]) for line, row in zip(lines, rows, strict=True))
