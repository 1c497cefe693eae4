"""A unified diff as rows with line numbers, and the words that differ within changed lines (pure)."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import Literal, TypeAlias

Span: TypeAlias = tuple[str, bool]
_HUNK = re.compile(r"@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@.*")
_WORDS = re.compile(r"\w+|\s+|[^\w\s]")
# Comparing words takes quadratic time; longer lines are shown as changed whole.
_LONGEST_COMPARED = 400
_LEAST_ALIKE = 0.4


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a diff. `number` counts in the old file for "-", else in the new one; None between hunks.

    `spans` joined are the line; True marks words that the other side does not have. `unended`: the file ends here
    without a line feed.
    """

    sign: Literal["+", "-", " ", "@"]
    number: int | None
    spans: tuple[Span, ...]
    unended: bool = False


def diff_rows(diff: str) -> list[Row]:
    """Rows of a unified diff of one file; its header lines are left out, later hunks begin with an "@" row."""
    rows: list[Row] = []
    removed: list[Row] = []
    added: list[Row] = []
    old = new = 0
    inside = False
    for line in diff.rstrip("\n").split("\n"):
        sign, text = line[:1], line[1:]
        if inside and sign == "\\":
            last = next((part for part in (added, removed, rows) if part), None)
            if last:
                last[-1] = replace(last[-1], unended=True)
            continue
        if inside and sign == "-" and not added:
            removed.append(Row("-", old, ((text, False),)))
            old += 1
            continue
        if inside and sign == "+":
            added.append(Row("+", new, ((text, False),)))
            new += 1
            continue
        rows += _changed(removed, added)
        removed, added = [], []
        if hunk := _HUNK.fullmatch(line):
            old, new = int(hunk[1]), int(hunk[2])
            rows += [Row("@", None, (("⋮", False),))] if inside else []
            inside = True
        elif inside and sign == "-":
            removed.append(Row("-", old, ((text, False),)))
            old += 1
        elif inside:
            rows.append(Row(" ", new, ((text, False),)))
            old, new = old + 1, new + 1
    return [*rows, *_changed(removed, added)]


def counts(rows: Sequence[Row]) -> str:
    """How many lines came and went: `+3 −1`."""
    return f"+{sum(row.sign == '+' for row in rows)} −{sum(row.sign == '-' for row in rows)}"


def words_changed(old: str, new: str) -> tuple[tuple[Span, ...], tuple[Span, ...]]:
    """Both lines in spans; lines with little in common, and long ones, are one span each."""
    if max(len(old), len(new)) > _LONGEST_COMPARED:
        return ((old, False),), ((new, False),)
    one, two = _WORDS.findall(old), _WORDS.findall(new)
    matcher = SequenceMatcher(None, one, two, autojunk=False)
    if matcher.quick_ratio() < _LEAST_ALIKE or matcher.ratio() < _LEAST_ALIKE:
        return ((old, False),), ((new, False),)
    codes = matcher.get_opcodes()
    left = tuple(("".join(one[a:b]), tag != "equal") for tag, a, b, _, _ in codes if b > a)
    right = tuple(("".join(two[c:d]), tag != "equal") for tag, _, _, c, d in codes if d > c)
    return left, right


def _changed(removed: Sequence[Row], added: Sequence[Row]) -> Iterator[Row]:
    """What went, then what came. As many lines on both sides are taken for the same lines, changed."""
    if len(removed) == len(added):
        pairs = [words_changed(_line(one), _line(two)) for one, two in zip(removed, added, strict=True)]
        yield from (replace(row, spans=spans) for row, (spans, _) in zip(removed, pairs, strict=True))
        yield from (replace(row, spans=spans) for row, (_, spans) in zip(added, pairs, strict=True))
    else:
        yield from (*removed, *added)


def _line(row: Row) -> str:
    return "".join(text for text, _ in row.spans)
