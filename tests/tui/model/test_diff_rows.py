"""Diffs as rows: nothing of a line is lost, and numbers are those of the files."""

from difflib import unified_diff

from hypothesis import given
from hypothesis import strategies as st

from tui.model.diff_rows import counts, diff_rows, words_changed

LINE = st.text(st.sampled_from("ab -+@x漢\t"), max_size=12)


@given(LINE, LINE)
def test_spans_joined_are_the_lines(old: str, new: str) -> None:
    left, right = words_changed(old, new)
    assert "".join(text for text, _ in left) == old
    assert "".join(text for text, _ in right) == new
    assert "".join(text for text, differs in left if not differs and len(left) > 1) == "".join(
        text for text, differs in right if not differs and len(left) > 1
    ) or not (len(left) > 1 and len(right) > 1)


@given(st.lists(LINE, max_size=12), st.lists(LINE, max_size=12))
def test_rows_stand_where_their_lines_do(old: list[str], new: list[str]) -> None:
    rows = diff_rows("\n".join(unified_diff(old, new, "a", "b", n=3, lineterm="")))
    for row in rows:
        text = "".join(piece for piece, _ in row.spans)
        if row.sign != "@":
            assert row.number is not None
            assert (old if row.sign == "-" else new)[row.number - 1] == text
    assert sum(row.sign == "+" for row in rows) - sum(row.sign == "-" for row in rows) == len(new) - len(old)


def test_changed_words_are_marked() -> None:
    rows = diff_rows("--- a/c\n+++ b/c\n@@ -1,2 +1,2 @@\n def f():\n-    return a - b\n+    return a + b\n")
    assert [(row.sign, row.number) for row in rows] == [(" ", 1), ("-", 2), ("+", 2)]
    assert [text for text, differs in rows[2].spans if differs] == ["+"]
    assert counts(rows) == "+1 −1"
