"""What the screens of this folder need from outside; a part of `tui.host.Host`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from agent.rewound import FilePlan, Request, Rewound

if TYPE_CHECKING:
    from tui.host import Opened


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

    def reopened(self) -> "Opened":
        """This session as it is now."""
        ...

    async def sessions(self) -> Sequence[SessionLine]:
        """Sessions of this machine, newest first, those of this directory before the others."""
        ...

    async def open_session(self, session_id: str) -> "Opened":
        """Leave this session and take up another."""
        ...

    async def fork(self) -> "Opened":
        """Leave this session as it is and go on in a copy of it."""
        ...

    def rename(self, title: str) -> None:
        """Give this session a name for the lists."""
        ...

    async def export(self, form: Literal["markdown", "json"], path: str) -> str:
        """Write the session to a file; returns its path."""
        ...
