"""What the screens of this folder need from outside; a part of `tui.host.Host`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from agent.rewinding.rewound import FilePlan, Request, Rewound
from tui.opened import Opened

Scope: TypeAlias = Literal["turn", "session"]


@dataclass(frozen=True, slots=True)
class SessionLine:
    """A session of this machine in a list.

    `changed` is Unix seconds, `here` whether it is about this directory, `asked` the text of its requests.
    """

    session_id: str
    title: str
    repo: str
    changed: float
    status: str
    steps: int
    here: bool = True
    asked: str = ""


@dataclass(frozen=True, slots=True)
class Diff:
    """A unified diff, and for each of its files the lines added and removed and whether only the user changed it."""

    patch: str
    files: Sequence["FileLine"] = ()


@dataclass(frozen=True, slots=True)
class FileLine:
    """One file of a diff."""

    path: str
    added: int
    removed: int
    users: bool = False


@dataclass(frozen=True, slots=True)
class CommitDraft:
    """What a commit would hold. `mixed` are those of its files that hold changes of the user, too."""

    message: str
    files: Sequence[str]
    mixed: Sequence[str] = ()


class Past(Protocol):
    """All methods raise `HostFailed`. Those that return `Opened` have put a session on: its screen is drawn anew."""

    def requests(self) -> Sequence[Request]:
        """The requests that stand, oldest first."""
        ...

    async def plan(self, entry_id: int) -> FilePlan:
        """What a rewind to before a request would do to the files."""
        ...

    async def rewind(self, entry_id: int, *, conversation: bool, files: bool, force: bool) -> Rewound:
        """Take back a request and all after it."""
        ...

    async def plan_redo(self) -> FilePlan:
        """What a redo would do to the files."""
        ...

    async def redo(self, *, force: bool) -> Rewound:
        """Take the newest rewind back."""
        ...

    def reopened(self) -> Opened:
        """This session as it is now."""
        ...

    async def diff(self, scope: Scope) -> Diff:
        """What changed in the files since the last request, or since the session began.

        While a turn runs: what its finished steps changed.
        """
        ...

    async def draft(self) -> CommitDraft:
        """A message for a commit of what the agent changed."""
        ...

    async def commit(self, message: str) -> str:
        """Commit the files of the last draft; returns a sentence."""
        ...

    async def sessions(self) -> Sequence[SessionLine]:
        """Sessions of this machine, newest first, those of this directory before the others."""
        ...

    async def open_session(self, session_id: str) -> Opened:
        """Leave this session and take up another."""
        ...

    async def fork(self) -> Opened:
        """Leave this session as it is and go on in a copy of it."""
        ...

    def rename(self, title: str) -> None:
        """Give this session a name for the lists."""
        ...

    async def export(self, form: Literal["markdown", "json"], path: str) -> str:
        """Write the session to a file; returns its path."""
        ...
