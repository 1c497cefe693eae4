"""A unified diff as rows with line numbers, and the words that differ within changed lines (pure)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal, TypeAlias

Span: TypeAlias = tuple[str, bool]
_HUNK = re.compile(r"@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@.*")
_WORDS = re.compile(r"\w+|\s+|[^\w\s]")
# Comparing words takes quadratic time; longer lines are shown as changed whole.
_LONGEST_COMPARED = 400


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a diff. `number` counts in the old file for "-", else in the new one; None between hunks.

    `spans` joined are the line; True marks words that the other side does not have.
    """

    sign: Literal["+", "-", " ", "@"]
    number: int | None
    spans: tuple[Span, ...]


def diff_rows(diff: str) -> list[Row]:
    """Rows of a unified diff of one file; its two header lines are left out, later hunks begin with an "@" row."""
    rows: list[Row] = []
    removed: list[tuple[int, str]] = []
    added: list[tuple[int, str]] = []
    old = new = 0
    inside = False
    for line in diff.rstrip("\n").split("\n"):
        sign, text = line[:1], line[1:]
        if sign == "-" and inside and not added:
            removed.append((old, text))
            old += 1
            continue
        if sign == "+" and inside:
            added.append((new, text))
            new += 1
            continue
        rows += _changed(removed, added)
        removed, added = [], []
        if hunk := _HUNK.fullmatch(line):
            old, new = int(hunk[1]), int(hunk[2])
            rows += [Row("@", None, (("⋮", False),))] if inside else []
            inside = True
        elif sign == "-" and inside:
            removed.append((old, text))
            old += 1
        elif inside and sign != "\\":
            rows.append(Row(" ", new, ((text, False),)))
            old, new = old + 1, new + 1
    return [*rows, *_changed(removed, added)]


def counts(rows: list[Row]) -> str:
    """How many lines came and went: `+3 −1`."""
    return f"+{sum(row.sign == '+' for row in rows)} −{sum(row.sign == '-' for row in rows)}"


def words_changed(old: str, new: str) -> tuple[tuple[Span, ...], tuple[Span, ...]]:
    """Both lines in spans; lines with little in common, and long ones, are one span each."""
    one, two = _WORDS.findall(old), _WORDS.findall(new)
    if max(len(old), len(new)) > _LONGEST_COMPARED:
        return ((old, False),), ((new, False),)
    matcher = SequenceMatcher(None, one, two, autojunk=False)
    if matcher.ratio() < 0.4:
        return ((old, False),), ((new, False),)
    codes = matcher.get_opcodes()
    left = tuple(("".join(one[a:b]), tag != "equal") for tag, a, b, _, _ in codes if b > a)
    right = tuple(("".join(two[c:d]), tag != "equal") for tag, _, _, c, d in codes if d > c)
    return left, right


def _changed(removed: list[tuple[int, str]], added: list[tuple[int, str]]) -> Iterator[Row]:
    left: list[tuple[Span, ...]] = [((text, False),) for _, text in removed]
    right: list[tuple[Span, ...]] = [((text, False),) for _, text in added]
    if len(removed) == len(added):
        for index, (before, after) in enumerate(zip(removed, added, strict=True)):
            left[index], right[index] = words_changed(before[1], after[1])
    for (number, _), spans in zip(removed, left, strict=True):
        yield Row("-", number, spans)
    for (number, _), spans in zip(added, right, strict=True):
        yield Row("+", number, spans)
