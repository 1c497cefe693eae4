"""Which lines of two texts are the same, with work that grows no faster than the texts (pure).

difflib compares every line with each of its repetitions again and again: two texts of some thousand equal lines take
it seconds. It is asked only where that stays small; elsewhere lines that are unique on both sides are the anchors
(Bram Cohen's patience diff), and what stands equal beside them or at the ends is taken along.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

# Visits of pairs of equal lines that difflib may need at most: some tenths of a second.
MOST_VISITS = 2_000_000


class Block(NamedTuple):
    """`size` lines that are the same from `old` in the one text and from `new` in the other."""

    old: int
    new: int
    size: int


def equal_blocks(old: Sequence[str], new: Sequence[str]) -> list[Block]:
    """Runs of equal lines in rising order on both sides."""
    head = _same(old, new, 0, 0, len(old), len(new))
    tail = _same_back(old, new, head, head, len(old), len(new))
    middle_old, middle_new = old[head : len(old) - tail], new[head : len(new) - tail]
    if _visits(middle_old, middle_new) <= MOST_VISITS:
        found = SequenceMatcher(None, middle_old, middle_new, autojunk=False).get_matching_blocks()
        inner = [Block(it.a, it.b, it.size) for it in found]
    else:
        inner = _anchored(middle_old, middle_new)
    blocks = [Block(0, 0, head), *(Block(it.old + head, it.new + head, it.size) for it in inner)]
    blocks.append(Block(len(old) - tail, len(new) - tail, tail))
    return [block for block in blocks if block.size]


def _visits(old: Sequence[str], new: Sequence[str]) -> int:
    times = Counter(new)
    return sum(times[line] for line in old) * min(len(old), len(new))


def _anchored(old: Sequence[str], new: Sequence[str]) -> list[Block]:
    blocks: list[Block] = []
    past_old = past_new = 0
    for anchor_old, anchor_new in [*_anchors(old, new), (len(old), len(new))]:
        if anchor_old < past_old:
            continue
        before = _same_back(old, new, past_old, past_new, anchor_old, anchor_new)
        after = _same(old, new, anchor_old, anchor_new, len(old), len(new))
        blocks.append(Block(anchor_old - before, anchor_new - before, before + after))
        past_old, past_new = anchor_old + after, anchor_new + after
    return blocks


def _anchors(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """Places of lines that are unique in both texts: the longest choice that rises on both sides."""
    once_old, once_new = Counter(old), Counter(new)
    places = {line: at for at, line in enumerate(new) if once_new[line] == 1}
    pairs = [(at, places[line]) for at, line in enumerate(old) if once_old[line] == 1 and line in places]
    ends: list[int] = []
    last: list[int] = []
    before: list[int] = []
    for index, (_, place) in enumerate(pairs):
        length = bisect_left(ends, place)
        before.append(last[length - 1] if length else -1)
        ends[length : length + 1] = [place]
        last[length : length + 1] = [index]
    chosen: list[tuple[int, int]] = []
    index = last[-1] if last else -1
    while index >= 0:
        chosen.append(pairs[index])
        index = before[index]
    return chosen[::-1]


def _same(old: Sequence[str], new: Sequence[str], at_old: int, at_new: int, end_old: int, end_new: int) -> int:
    count = 0
    while at_old + count < end_old and at_new + count < end_new and old[at_old + count] == new[at_new + count]:
        count += 1
    return count


def _same_back(old: Sequence[str], new: Sequence[str], at_old: int, at_new: int, end_old: int, end_new: int) -> int:
    count = 0
    while (
        end_old - count > at_old and end_new - count > at_new and old[end_old - count - 1] == new[end_new - count - 1]
    ):
        count += 1
    return count
