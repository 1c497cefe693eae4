"""What a person does next when a turn did not end well. Pure.

Every end that the engine knows has a row: by its status, or by what stood in the way where it ended with an error.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from agent.events import TurnStatus
from tui.host import Trouble


@dataclass(frozen=True, slots=True)
class After:
    """A sentence with the next step, and the text that is put into the prompt. `face`: the trouble's face is shown."""

    sentence: str = ""
    prompt: str = ""
    face: bool = False


_GO_ON = "/continue"
_MENDED = After("Once it is mended, Enter goes on where the turn stopped (/continue).", _GO_ON, face=True)
BY_TROUBLE: Mapping[Trouble, After] = {
    "not_set_up": _MENDED,
    "endpoint": After(
        "Enter goes on where the turn stopped (/continue); /server shows what the server does.",
        _GO_ON,
    ),
    "loading": After("Enter goes on where the turn stopped (/continue), once the model is loaded.", _GO_ON),
    "not_a_server": _MENDED,
    "key": _MENDED,
    "model": _MENDED,
    "refused": _MENDED,
    "context": After("/compact makes room and Enter goes on (/continue); /clear begins a new session.", _GO_ON),
    "engine": _MENDED,
    "image": _MENDED,
    "sandbox": _MENDED,
    "gone": _MENDED,
    "workspace": _MENDED,
    "settings": _MENDED,
    "locked": _MENDED,
    "session": _MENDED,
    "disk": _MENDED,
    "usage": After("The session is as it was."),
    "crash": After("/reopen opens the session anew; `qwright sessions` keeps it.", face=True),
}
BY_STATUS: Mapping[TurnStatus, After] = {
    "done": After(),
    "waiting": After(),
    "cancelled": After(),
    "failed": After("Ask again in other words, or with `/thinking always`; /undo takes the request back."),
    "limit": After(
        "Enter grants as much again (/continue). Limits stand in the settings (max_steps, max_seconds, max_tokens); "
        "a conversation that fills the context goes on in a new session (/clear).",
        _GO_ON,
    ),
}


def after(status: TurnStatus, trouble: Trouble | None) -> After:
    """The row for the end of a turn."""
    return BY_STATUS[status] if trouble is None else BY_TROUBLE[trouble]
