"""What the faces need from outside: servers found and checked, settings saved, and a choice taken for the next opening.

`cli.pair.setup` is the real one.
"""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeAlias


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person chose on a screen; it goes before every file and flag. "" leaves a setting as it is.

    `fresh` begins a new session where an earlier one was asked for; `session` is the id of one to take up.
    """

    base_url: str = ""
    model: str = ""
    api_key: str = field(default="", repr=False)
    sandbox: Literal["", "docker", "local"] = ""
    image: str = ""
    repo: str = ""
    fresh: bool = False
    session: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """A model server that answered. `version` is vLLM's, "" for other servers."""

    base_url: str
    models: Sequence[str]
    version: str = ""


@dataclass(frozen=True, slots=True)
class Demo:
    """A recorded server over a small repository with a bug; `task` is the request that it can answer."""

    choice: Choice
    task: str


@dataclass(frozen=True, slots=True)
class ServePlan:
    """A model server that can be started here: what was asked for, what it comes to in words, and its address."""

    wanted: str
    told: str
    base_url: str


CheckStatus: TypeAlias = Literal["ok", "warn", "fail", "skip"]


@dataclass(frozen=True, slots=True)
class CheckLine:
    """One result of the endpoint's checks: its name, what was seen, what mends it ("" for nothing)."""

    status: CheckStatus
    name: str
    seen: str
    mend: str = ""


class Setup(Protocol):
    """Methods raise `HostFailed`."""

    @property
    def choice(self) -> Choice:
        """What was chosen so far."""
        ...

    def choose(self, choice: Choice) -> None:
        """Take this from the next `Host.reopen` on."""
        ...

    async def address(self) -> str:
        """The address of the configured server; "" where the settings cannot be read."""
        ...

    async def probe(self) -> Sequence[Found]:
        """The servers that answer at this machine's usual ports, and at the configured address."""
        ...

    def checks(self, choice: Choice) -> AsyncGenerator[CheckLine]:
        """The doctor's checks of an endpoint as they come, for at most some 30 seconds."""
        ...

    async def save(self, choice: Choice) -> str:
        """Write the address (and model) into the user's configuration; returns a sentence. The key is never written."""
        ...

    async def settings_file(self) -> str:
        """The path of the user's configuration, made with comments alone where there was none."""
        ...

    async def fit(self) -> str:
        """What `qwright fit` says of this machine's GPUs, as text with lines."""
        ...

    async def serve_plan(self, wanted: str) -> ServePlan:
        """What `qwright serve` would start: `wanted` is a model and further options of it, "" for the largest model
        that fits. Raises `HostFailed` with the reason where it could not be started, and with what mends that.
        """
        ...

    def serve(self, plan: ServePlan) -> AsyncGenerator[str]:
        """Start it, and tell what it is at, line by line, until it answers. Closed before that it is stopped again."""
        ...

    def build_image(self) -> AsyncGenerator[str]:
        """Make the default image of sandboxes, and tell what is done, line by line; takes minutes."""
        ...

    @property
    def default_image(self) -> str:
        """The image that `build_image` makes."""
        ...

    async def demo(self) -> Demo:
        """Start the recorded server and lay out its repository; both are gone with `close`."""
        ...

    async def close(self) -> None:
        """End what was started here."""
        ...
