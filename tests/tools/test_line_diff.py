import sys
from collections.abc import Callable
from itertools import pairwise
from types import FrameType
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.diffs import changed_lines
from tools.line_diff import MOST_VISITS, equal_blocks
from tools.matching import occurrences, relaxed_match
from tools.text_file import TextFile

if TYPE_CHECKING:
    from _typeshed import TraceFunction

LINES = st.lists(st.sampled_from(["a", "b", "c", "}", ""]), max_size=30)
COUNT = 3000


@given(LINES, LINES)
def test_blocks_are_equal_lines_in_order(old: list[str], new: list[str]) -> None:
    blocks = equal_blocks(old, new)
    for block in blocks:
        assert block.size > 0
        assert old[block.old : block.old + block.size] == new[block.new : block.new + block.size]
    for one, two in pairwise(blocks):
        assert one.old + one.size <= two.old
        assert one.new + one.size <= two.new


@given(LINES, LINES, LINES)
def test_equal_ends_are_always_found(head: list[str], tail: list[str], middle: list[str]) -> None:
    blocks = equal_blocks([*head, *tail], [*head, "new", *middle, *tail])
    assert sum(block.size for block in blocks) == len(head) + len(tail)


@given(LINES)
def test_large_texts_are_joined_at_their_unique_lines(noise: list[str]) -> None:
    same = ["same"] * COUNT
    old = ["old", *same, "anchor one", *noise, "anchor two", *same, "old"]
    new = ["new", *same[1:], "anchor one", *noise, "anchor two", *same, "x", "new"]
    assert COUNT**3 > MOST_VISITS
    kept = sum(block.size for block in equal_blocks(old, new))
    assert kept >= 2 + len(noise) + 2 * COUNT - 2


@given(LINES, LINES.filter(bool))
def test_occurrences_are_all_the_places(items: list[str], wanted: list[str]) -> None:
    expected = [at for at in range(len(items)) if items[at : at + len(wanted)] == wanted]
    assert list(occurrences(items, wanted)) == expected


class Counted(str):
    """A line that counts how often it is compared."""

    __slots__ = ()
    comparisons = 0

    def __eq__(self, other: object) -> bool:
        Counted.comparisons += 1
        return str.__eq__(self, other)

    def __ne__(self, other: object) -> bool:
        Counted.comparisons += 1
        return str.__ne__(self, other)

    def __hash__(self) -> int:
        return str.__hash__(self)


@pytest.mark.parametrize("last", ["x", "y"])
def test_occurrences_compare_each_line_a_few_times(last: str) -> None:
    items = [Counted("x") for _ in range(COUNT)]
    wanted = [*(Counted("x") for _ in range(COUNT // 2)), Counted(last)]
    Counted.comparisons = 0
    found = list(occurrences(items, wanted))
    assert len(found) == (COUNT - COUNT // 2 if last == "x" else 0)
    assert Counted.comparisons <= 3 * (len(items) + len(wanted))


class TooMuch(Exception):
    """More lines of Python were run than allowed."""


def limited(most: int, call: Callable[[], object]) -> None:
    """Run something that may execute at most so many lines of Python, whatever this machine's speed."""
    left = most

    def trace(frame: FrameType, event: str, argument: object) -> "TraceFunction":
        nonlocal left
        left -= event == "line"
        if left < 0:
            raise TooMuch
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        call()
    finally:
        sys.settrace(before)


def texts() -> tuple[str, str]:
    """Two texts whose every line is in the other nearly everywhere."""
    old = "".join(f"    x{number % 2}\n" for number in range(COUNT))
    return old, "    first\n" + "    x1\n    x1\n    x0\n" * (COUNT // 3) + "    last\n"


def test_a_relaxed_match_of_repeated_lines_takes_work_in_proportion() -> None:
    old, new = texts()
    text = "start\n" + old.replace("    ", "\t") + "end\n"
    limited(60 * COUNT, lambda: relaxed_match(text, old, new))
    assert relaxed_match(text, old, new) is not None


def test_many_indentations_are_refused_and_not_compared_with_each_other() -> None:
    old = "".join(" " * number + "x\n" for number in range(1, 400))
    text = "".join(" " * (number + 4) + "x\n" for number in range(1, 400))
    limited(60 * 400, lambda: relaxed_match(text, old, old.replace("x", "y")))
    assert relaxed_match(text, old, old.replace("x", "y")) is None


def test_line_ends_are_carried_over_with_work_in_proportion() -> None:
    old, new = texts()
    file = TextFile(old, ends=("\r\n", "\n") * (COUNT // 2))
    limited(60 * COUNT, lambda: file.splice(0, len(old), new))
    limited(60 * COUNT, lambda: changed_lines(old, new))
