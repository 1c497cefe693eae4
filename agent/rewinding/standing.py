"""What of a log stands after rewinds. Pure.

A log is never shortened. An entry "rewind" takes back every entry from its `to` up to itself, unless it was about files
only; an entry "redo" takes back the newest rewind. A rewind can be redone until the user asks for something new.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from agent.json_types import JsonObject, as_count


@dataclass(frozen=True, slots=True)
class Mark:
    """An entry of kind rewind, redo or user: all that decides what stands."""

    id: int
    kind: str
    data: JsonObject


def active(marks: Iterable[Mark]) -> list[Mark]:
    """Rewinds that were not redone, oldest first."""
    stack: list[Mark] = []
    for mark in marks:
        if mark.kind == "rewind":
            stack.append(mark)
        elif mark.kind == "redo":
            stack = [rewind for rewind in stack if rewind.id != as_count(mark.data.get("undoes"))]
    return stack


def holes(marks: Iterable[Mark]) -> tuple[range, ...]:
    """Ids that were taken back."""
    return tuple(
        range(as_count(rewind.data.get("to")), rewind.id) for rewind in active(marks) if rewind.data.get("conversation")
    )


def redoable(marks: Sequence[Mark]) -> Mark | None:
    """The rewind that a redo would take back; None when there is none, or a new request came since."""
    asked = max((mark.id for mark in marks if mark.kind == "user"), default=0)
    return next((rewind for rewind in reversed(active(marks)) if rewind.id > asked), None)


def taken_back(entry_id: int, gone: Iterable[range]) -> bool:
    """Whether an entry lies in one of these ranges."""
    return any(entry_id in ids for ids in gone)
