"""An open session, as the screens know it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agent.events import Event


@dataclass(frozen=True, slots=True)
class Opened:
    """What is known once a session is open. `history` are the events of its earlier turns, in order."""

    session_id: str
    model: str
    context_tokens: int
    sandbox: str
    thinking: str
    history: "Sequence[Event]" = ()
    unfinished: bool = False
