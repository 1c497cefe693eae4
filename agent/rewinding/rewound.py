"""What a rewind is planned to do and has done: plain data, also for screens that load nothing of the engine."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Request:
    """A request of the user that stands: its log entry, when it was made (Unix seconds), the step it began at."""

    entry_id: int
    text: str
    step: int
    time: float


@dataclass(frozen=True, slots=True)
class FilePlan:
    """Going to the snapshot `target` from `now`: paths that are `back` as soon as asked for, and the user's `kept`.

    `certain` are those of both that the agent changed for sure, whoever else did.
    """

    target: str = ""
    now: str = ""
    back: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    certain: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Rewound:
    """What a rewind or redo did: requests taken back (or restored), paths put back, paths of the user left alone."""

    requests: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
