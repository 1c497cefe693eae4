"""Diffs as lines: nothing is lost, nothing is too wide, and what is on both sides stands beside each other."""

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from tui.conversation.diff_text import diff_lines, diff_text, in_columns
from tui.model.diff_rows import Row, diff_rows

LINE = st.text(st.sampled_from("ab -+@x漢\t\u200b"), max_size=30)


def patch(old: list[str], new: list[str]) -> str:
    return "\n".join(["@@ -1 +1 @@", *(f"-{line}" for line in old), *(f"+{line}" for line in new), " end"])


def letters(text: str) -> list[str]:
    return sorted(char for char in text if char in "x漢b")


@given(
    st.lists(LINE, max_size=5),
    st.lists(LINE, max_size=5),
    st.integers(40, 90),
    st.booleans() | st.none(),
    st.booleans(),
)
@settings(max_examples=200, deadline=None)
def test_nothing_is_lost_or_too_wide(
    old: list[str], new: list[str], room: int, columns: bool | None, exact: bool
) -> None:
    rows = diff_rows(patch(old, new))
    drawn = diff_lines(rows, room, columns, exact=exact)
    assert all(cell_len(line.plain) <= room for line in drawn)
    twice = ["end"] if any("│" in line.plain for line in drawn) else []
    shown = "".join(line.plain for line in drawn)
    assert letters(shown) == letters("".join([*old, *new, "end", *twice]))


def test_long_lines_go_on_under_their_own_beginning() -> None:
    rows = [Row("+", 7, (("abcdefghij" * 6, False),))]
    assert [line.plain for line in diff_lines(rows, 48)] == [
        "7 + " + "abcdefghij" * 4 + "abcd",
        "    efghij" + "abcdefghij",
    ]


def test_columns_are_for_changes_and_for_wide_screens() -> None:
    assert [in_columns(width, chosen) for width, chosen in [(131, None), (132, None), (50, True), (200, False)]] == [
        False,
        True,
        True,
        False,
    ]
    new_file = diff_rows("@@ -0,0 +1,2 @@\n+a\n+b")
    assert [line.plain for line in diff_lines(new_file, 200)] == ["1 + a", "2 + b"]


def test_words_that_differ_are_underlined_in_both_forms() -> None:
    rows = diff_rows("@@ -1 +1 @@\n-return a - b\n+return a + b")
    for columns in (False, True):
        marked = [
            line.plain[span.start : span.end]
            for line in diff_lines(rows, 80, columns)
            for span in line.spans
            if "underline" in str(span.style)
        ]
        assert marked == ["-", "+"]


def test_a_file_without_a_last_line_feed_is_told_of() -> None:
    rows = diff_rows("@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n")
    assert [row.unended for row in rows] == [True, False]
    assert diff_text(rows).plain == "1 - a ⊘ no newline at the end\n1 + a"
