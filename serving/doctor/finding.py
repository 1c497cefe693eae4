"""What a check says: one line of result, what was seen, and how to mend it. Shared by all groups of checks."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, Literal, TypeAlias, TypeVar

Status = Literal["ok", "warn", "fail", "skip"]
Figure: TypeAlias = "int | float | str | bool | Sequence[int] | None"
Subject = TypeVar("Subject")


@dataclass(frozen=True, slots=True)
class Finding:
    """One result. `seen` is a sentence for people, `mend` the exact flag or command, "" where nothing is to be done.

    An `ok` may carry a `mend` too: advice that nobody has to follow. `figures` are the measured numbers, for programs.
    """

    name: str
    status: Status
    seen: str
    mend: str = ""
    figures: Mapping[str, Figure] = field(default_factory=dict[str, Figure])


@dataclass(frozen=True, slots=True)
class Check(Generic[Subject]):
    """A check of a subject (a server, an engine, this machine): its name, what it does, and the work itself."""

    name: str
    about: str
    run: Callable[[Subject], Awaitable[Sequence[Finding]]]


def untold(name: str, why: str, mend: str = "") -> Finding:
    """A result for what the server's answers leave open; never an accusation."""
    return Finding(name, "skip", f"could not tell: {why}", mend)
