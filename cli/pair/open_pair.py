"""What the parts of a pair host may ask of it; `cli.pair.host.PairHost` is the real one."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from agent.log import SessionLog
from cli.pair.spec import PairSpec
from cli.place import Place
from tui.model.attachments import Ran
from tui.opened import Opened

if TYPE_CHECKING:
    from agent.session import Session


class OpenPair(Protocol):
    """A session with all that belongs to it. What is not open raises `HostFailed`; whoever changes it holds `turn`."""

    turn: asyncio.Lock

    @property
    def spec(self) -> PairSpec:
        """What is open, or will be."""
        ...

    @property
    def session(self) -> "Session":
        """The open session."""
        ...

    @property
    def log(self) -> SessionLog:
        """Its log."""
        ...

    @property
    def place(self) -> Place:
        """Where it works."""
        ...

    def reopened(self) -> Opened:
        """The open session as it is now."""
        ...

    async def switch(self, spec: PairSpec, meanwhile: Callable[[], None] | None = None) -> Opened:
        """Leave this session and open another; `meanwhile` runs in a thread when neither is open."""
        ...

    def ran(self, what: Ran) -> None:
        """Tell the model of this with the next request."""
        ...
