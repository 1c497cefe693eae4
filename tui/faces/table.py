"""The one table of what can stand in the way of a session, and what a person can do about it. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from tui.faces.setup import Found
from tui.host import HostFailed, Trouble

Way: TypeAlias = Literal[
    "use", "model", "retry", "server", "fit", "demo", "build", "local", "settings", "new", "later", "quit"
]

LOCAL_RISK = (
    "Without a sandbox nothing isolates: every command of the model runs on this machine as you, with your files, "
    "your keys and your network. In mode `ask` (Shift+Tab) all but looking around waits for you."
)
_KEYS: Mapping[Way, tuple[str, str]] = {
    "retry": ("r", "Try again"),
    "server": ("s", "Enter a server's address or key; it is checked, and saved if you like"),
    "fit": ("f", "Serve a model on this machine: see what fits, and start it"),
    "demo": ("d", "See it work first: a recorded model on a small bug"),
    "build": ("b", "Build qwright's own image now and use it (some minutes)"),
    "local": ("l", "Work without a sandbox (asks once more)"),
    "settings": ("e", "Open your configuration in an editor, then try again"),
    "new": ("n", "Begin a new session here"),
    "later": ("escape", "Look at the screen first; /reopen comes back to this"),
    "quit": ("q", "Quit"),
}


@dataclass(frozen=True, slots=True)
class Face:
    """A heading, the ways on with the likeliest first, and what "Try again" means here. `looks` for other servers."""

    title: str
    ways: tuple[Way, ...]
    retry: str = ""
    looks: bool = False


FACES: Mapping[Trouble, Face] = {
    "not_set_up": Face("Welcome: qwright needs a model server", ("server", "fit", "demo", "retry"), looks=True),
    "endpoint": Face("The model server does not answer", ("retry", "server", "fit", "demo"), looks=True),
    "loading": Face("The model server is not ready yet", ("retry", "server"), "Try again; a large model takes minutes"),
    "not_a_server": Face("What answers there is no model server", ("server", "retry", "demo"), looks=True),
    "key": Face("The model server wants a key", ("server", "retry")),
    "model": Face("Which model?", ("server", "retry")),
    "refused": Face("The server does not take the requests", ("server", "retry"), "Try again, once the server is set"),
    "context": Face("The model's context is too small", ("server", "fit", "retry"), "Try again with a larger one"),
    "engine": Face("No Docker engine for the sandbox", ("retry", "local"), "Try again, once Docker runs"),
    "image": Face("The sandbox's image is not here", ("build", "retry", "local"), "Try again, once the image is there"),
    "sandbox": Face("The sandbox could not be started", ("retry", "local")),
    "gone": Face("The sandbox has ended", ("retry", "new"), "Start it again; conversation and files are kept"),
    "workspace": Face("The repository cannot be used", ("retry", "new")),
    "settings": Face("A setting is not right", ("settings", "retry")),
    "locked": Face("The session is open elsewhere", ("retry", "new"), "Try again, once it is closed there"),
    "session": Face("The session cannot be taken up", ("new", "retry")),
    "disk": Face("The session cannot be written", ("retry",), "Try again, once there is room"),
    "usage": Face("This cannot be opened", ("retry", "new")),
    "crash": Face("An error of qwright's own", ("retry", "new")),
}


@dataclass(frozen=True, slots=True)
class Option:
    """One way on: its key, its words, and the address or model that "use" and "model" take."""

    way: Way
    key: str
    text: str
    address: str = ""
    model: str = ""


def options_for(failed: HostFailed, found: Sequence[Found] = ()) -> list[Option]:
    """The ways on from a trouble: what can be chosen by number first. `found` are servers that answer."""
    face = FACES[failed.trouble]
    numbered = [
        *(Option("use", "", _use(server), server.base_url, _one(server)) for server in found),
        *(Option("model", "", name, model=name) for name in failed.models),
    ]
    chosen = [Option(item.way, str(n), item.text, item.address, item.model) for n, item in enumerate(numbered[:9], 1)]
    ways: tuple[Way, ...] = (*face.ways, "later", "quit")
    texts = {"retry": face.retry} if face.retry else {}
    return [*chosen, *(Option(way, _KEYS[way][0], texts.get(way, _KEYS[way][1])) for way in ways)]


def _one(server: Found) -> str:
    """A model has to be named only where there are several."""
    return server.models[0] if len(server.models) > 1 else ""


def _use(server: Found) -> str:
    models = ", ".join(server.models[:2]) + (f" and {len(server.models) - 2} more" if len(server.models) > 2 else "")
    return f"Use {server.base_url} ({models}{f', vLLM {server.version}' if server.version else ''})"
