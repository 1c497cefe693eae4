"""What the screens need to know of a project. `cli.pair.project` is the real one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from agent.check_kinds import CheckKind


@dataclass(frozen=True, slots=True)
class CheckLine:
    """A check that is set. `runs` says whether mode and rules let it run now; `own` whether the person wrote it."""

    kind: CheckKind
    command: str
    own: bool
    runs: bool


@dataclass(frozen=True, slots=True)
class CheckOffer:
    """A command that would suit this project, and the file that says so. Nothing runs it unless a person sets it."""

    kind: CheckKind
    command: str
    because: str


@dataclass(frozen=True, slots=True)
class ProjectMap:
    """Directories and files with what they define. `shown` of `files` have a line; `tokens` as the model counts."""

    text: str
    shown: int
    files: int
    tokens: int


class Project(Protocol):
    """Methods raise `HostFailed`."""

    def checks(self) -> Sequence[CheckLine]:
        """The checks that are set."""
        ...

    async def offers(self) -> Sequence[CheckOffer]:
        """What the project's files suggest, for kinds that have no check yet."""
        ...

    def use_check(self, kind: CheckKind, command: str) -> None:
        """Run this from now on, in this session; rules that let it run are kept for the project."""
        ...

    def drop_check(self, kind: CheckKind) -> None:
        """No such check in this session."""
        ...

    async def map(self, focus: str) -> ProjectMap:
        """The project in short; `focus` is a path or a word that its files must have."""
        ...

    def send_map(self, made: ProjectMap) -> None:
        """The model reads it with the next request."""
        ...
