"""Which of the rows run, and in what order. Pure."""

import random
import re
from collections.abc import Sequence
from typing import TypeVar

from jobs.batch.errors import BatchError
from jobs.batch.rows import Instance, Named

Row = TypeVar("Row", bound=Named)
_SLICE = re.compile(r"(-?\d*):(-?\d*)(?::(-?\d+))?")


def select(rows: Sequence[Row], ids: Sequence[str] | None, shuffle: int | None, part: slice | None) -> list[Row]:
    """Those named (all if None), then shuffled with a seed, then the slice of that.

    Raises `BatchError` for ids that no row has.
    """
    chosen = list(rows)
    if ids is not None:
        known = {row.instance_id: row for row in rows}
        if unknown := [name for name in ids if name not in known]:
            raise BatchError(f"No good row has the id {', '.join(unknown)}. There are {len(rows)} good rows.")
        chosen = [known[name] for name in dict.fromkeys(ids)]
    if shuffle is not None:
        random.Random(shuffle).shuffle(chosen)
    return chosen[part] if part else chosen


def of_difficulty(rows: Sequence[Instance], wanted: Sequence[str] | None) -> list[Instance]:
    """Those whose `difficulty` is one of these, upper and lower case alike; all when none is named.

    Raises `BatchError` naming the difficulties that there are when a name fits no row.
    """
    if wanted is None:
        return list(rows)
    there = {row.difficulty.casefold(): row.difficulty for row in rows}
    if unknown := [name for name in wanted if name.casefold() not in there]:
        told = ", ".join(repr(name) for name in sorted(there.values()) if name) or "none"
        raise BatchError(f"No row has the difficulty {', '.join(map(repr, unknown))}. There are: {told}.")
    names = {name.casefold() for name in wanted}
    return [row for row in rows if row.difficulty.casefold() in names]


def slice_of(text: str) -> slice:
    """`A:B` or `A:B:STEP` as Python reads it. Raises `ValueError`."""
    match = _SLICE.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no slice; write it as 0:50, 50: or :10")
    first, last, step = (int(group) if group else None for group in match.groups())
    if step == 0:
        raise ValueError("the step of a slice cannot be 0")
    return slice(first, last, step)
