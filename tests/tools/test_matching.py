import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.matching import exact_hits, line_number, relaxed_match
from tools.nearest import nearest

TEXTS = st.text(alphabet="ab \t\n", max_size=80)


@given(TEXTS, st.text(alphabet="ab \n", min_size=1, max_size=4))
def test_exact_hits_are_all_the_places(text: str, old: str) -> None:
    expected = [at for at in range(len(text)) if text.startswith(old, at)]
    assert exact_hits(text, old) == expected
    assert [line_number(text, at) for at in expected] == [text[:at].count("\n") + 1 for at in expected]


@given(TEXTS, st.data(), TEXTS)
def test_relaxed_match_finds_only_lines_equal_but_for_whitespace(text: str, data: st.DataObject, new: str) -> None:
    lines = text.split("\n")
    first = data.draw(st.integers(0, len(lines) - 1))
    last = data.draw(st.integers(first, len(lines) - 1))
    pad = data.draw(st.sampled_from(["", " ", "  ", "\t"]))
    old = "\n".join(pad + line.strip() for line in lines[first : last + 1])
    found = relaxed_match(text, old, new)
    if found is None:
        return
    span = text[found.start : found.end]
    assert found.start == 0 or text[found.start - 1] == "\n"
    assert [line.strip() for line in span.split("\n")] == [line.strip() for line in old.split("\n")]
    # Blanks on the last line, and whether it ends in a line break, follow the file.
    assert [line.strip() for line in found.new.rstrip().split("\n")] == [it.strip() for it in new.rstrip().split("\n")]


@given(st.lists(st.sampled_from(["a = 1", "if b:", "    c()", "d", ""]), min_size=1, max_size=8, unique=True))
def test_text_quoted_with_less_indentation_changes_nothing_when_new_is_old(lines: list[str]) -> None:
    block = "\n".join("        " + line if line else "" for line in lines)
    text = f"start\n{block}\nend"
    old = "\n".join("    " + line if line else "" for line in lines)
    found = relaxed_match(text, old, old)
    assert found is None or text[: found.start] + found.new + text[found.end :] == text


@pytest.mark.parametrize(
    ("text", "old", "new", "result"),
    [
        # quoted without the indentation of the class
        ("class A:\n    def f(self):\n        pass\n", "def f(self):\n    pass", "def f(self):\n    return 1",
         "class A:\n    def f(self):\n        return 1\n"),
        # quoted with too much
        ("def f():\n    pass\n", "    def f():\n        pass\n", "    def f():\n        return 1\n",
         "def f():\n    return 1\n"),
        # tabs in the file, spaces in the quote, and a deeper line that the quote did not have
        ("if a:\n\tb()\n", "if a:\n    b()\n", "if a:\n    if c:\n        b()\n", "if a:\n\tif c:\n\t\tb()\n"),
        # trailing blanks in the file stay where the line is not changed
        ("a  \nb\n", "a\nb\n", "a\nc\n", "a  \nc\n"),
        # two spaces a step in the quote, four in the file
        ("def f():\n    if a:\n        b\n", "def f():\n  if a:\n    b", "def f():\n  if a:\n    while c:\n      b",
         "def f():\n    if a:\n        while c:\n            b\n"),
        # the last line of a file without a final newline
        ("x\n  y", "y\n", "z\n", "x\n  z"),
        # deletion
        ("x\n  y\nz\n", "y\n", "", "x\nz\n"),
    ],
)  # fmt: skip
def test_relaxed_match_indents_the_new_text_as_the_file_is(text: str, old: str, new: str, result: str) -> None:
    found = relaxed_match(text, old, new)
    assert found is not None
    assert text[: found.start] + found.new + text[found.end :] == result


@pytest.mark.parametrize(
    ("text", "old"),
    [
        ("  a\n    a\n", " a"),  # two places
        ("a\n  b\nc\n    d\n", " a\n b\n c\n d"),  # one indentation in the quote stands for three in the file
        ("a\n", "  \n"),  # nothing but blanks
        ("a b\n", "a  b"),  # inside a line whitespace counts
        ("a\n", "a\nb"),  # longer than the file
    ],
)
def test_relaxed_match_refuses_what_is_not_clear(text: str, old: str) -> None:
    assert relaxed_match(text, old, " x\n") is None


def test_relaxed_match_refuses_new_lines_whose_depth_nothing_tells() -> None:
    assert relaxed_match("a\n  b\n", "    a\n      b\n", "    a\n      b\n  c\n") is None


@pytest.mark.parametrize(
    ("old", "first", "said"),
    [
        ("def  area( self ):", 3, "whitespace"),
        ("def Area(self):", 3, "case"),
        ("    return “radius”", 4, "quotation marks"),
        ("    return 'radio'", 4, "line 4"),
    ],
)
def test_nearest_lines_are_found_and_the_difference_named(old: str, first: int, said: str) -> None:
    lines = ["import math", "", "def area(self):", '    return "radius"', "    # end"]
    near = nearest(lines, old)
    assert near is not None
    assert near.first == first
    assert said in near.difference


def test_nothing_near() -> None:
    assert nearest(["alpha", "beta"], "completely (different) == text") is None
    assert nearest([], "x") is None


@given(st.lists(TEXTS, max_size=6), TEXTS)
def test_nearest_stays_in_the_file(lines: list[str], old: str) -> None:
    lines = [line.replace("\n", " ") for line in lines]
    near = nearest(lines, old)
    assert near is None or 1 <= near.first <= near.last <= len(lines)


def test_a_long_file_takes_bounded_time() -> None:
    lines = [f"    value_{number} = compute(item, {number % 7})  # step" for number in range(50_000)]
    old = "\n".join(f"    valeu_{number} = compute(item, {number % 7}) # stpe" for number in range(100, 160))
    started = time.perf_counter()
    nearest(lines, old)
    relaxed_match("\n".join(lines), old, old + "x")
    spent = time.perf_counter() - started
    # A ratio to plain work on the same text, so that a slow machine does not fail the test.
    started = time.perf_counter()
    for line in lines:
        set(re.findall(r"\w+", line.casefold()))
    assert spent < 30 * (time.perf_counter() - started)
