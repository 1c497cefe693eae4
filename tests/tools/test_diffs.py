from hypothesis import given
from hypothesis import strategies as st

from tools.diffs import changed_lines, unified

LINES = st.lists(st.sampled_from(["a", "b", "c", ""]), max_size=20)


def apply(diff: str, before: str) -> str:
    """Apply a unified diff to a text, checking its context."""
    old = before.splitlines(keepends=True)
    new: list[str] = []
    at = 0
    lines = diff.split("\n")[2:-1]
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        content = line[1:] + ("" if following.startswith("\\") else "\n")
        if line.startswith("@@"):
            first, _, count = line.split()[1][1:].partition(",")
            start = int(first) - (count != "0")
            new += old[at:start]
            at = start
        elif line[0] == "+":
            new.append(content)
        elif line[0] != "\\":
            assert old[at] == content
            new += [content] if line[0] == " " else []
            at += 1
    return "".join(new + old[at:])


@given(LINES, LINES, st.booleans(), st.booleans())
def test_a_diff_turns_one_text_into_the_other(one: list[str], two: list[str], end_one: bool, end_two: bool) -> None:
    before = "\n".join(one) + ("\n" if end_one and one else "")
    after = "\n".join(two) + ("\n" if end_two and two else "")
    diff = unified("x", before, after)
    assert (apply(diff, before) if diff else before) == after


def test_far_down_the_line_numbers_are_right() -> None:
    before = "\n".join(map(str, range(1000))) + "\n"
    diff = unified("x", before, before.replace("\n500\n", "\nfive hundred\n"))
    assert "@@ -498,7 +498,7 @@" in diff
    assert "-500\n+five hundred\n" in diff


def test_very_large_changes_are_one_hunk() -> None:
    before = "".join(f"{number}\n" for number in range(5000))
    after = "".join(f"{number}x\n" for number in range(5000))
    diff = unified("x", before, after)
    assert diff.count("@@ ") == 1
    assert changed_lines(before, after) == (5000, 5000)


def test_counts() -> None:
    assert changed_lines("a\nb\nc\n", "a\nx\ny\nc\n") == (2, 1)
    assert changed_lines("a\n", "a\n") == (0, 0)
