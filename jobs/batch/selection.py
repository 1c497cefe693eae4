"""Which of the rows run, and in what order. Pure."""

import random
import re
from collections.abc import Sequence
from typing import TypeVar

from jobs.batch.errors import BatchError
from jobs.batch.rows import Named

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


def slice_of(text: str) -> slice:
    """`A:B` or `A:B:STEP` as Python reads it. Raises `ValueError`."""
    match = _SLICE.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no slice; write it as 0:50, 50: or :10")
    first, last, step = (int(group) if group else None for group in match.groups())
    if step == 0:
        raise ValueError("the step of a slice cannot be 0")
    return slice(first, last, step)
