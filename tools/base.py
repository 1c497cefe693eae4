"""What a tool is: a name, a checked form of arguments, an effect, and a coroutine that answers with text."""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Generic, Literal, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict

from sandboxes.protocol import Sandbox

Effect = Literal["read", "write", "execute", "person", "finish"]


class Arguments(BaseModel):
    """Base of every tool's arguments: unknown names are errors that name the ones there are."""

    model_config = ConfigDict(extra="forbid", frozen=True)


ArgumentsT = TypeVar("ArgumentsT", bound=Arguments)
ArgumentsT_contra = TypeVar("ArgumentsT_contra", bound=Arguments, contravariant=True)


@dataclass(frozen=True, slots=True)
class PictureFile:
    """A picture that a call looked at: the name that people and models read, and the file's bytes."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class ToolResult:
    """A tool's answer.

    `text` goes to the model as it stands; `summary` is one short line for a person. `ok` is False when the call did
    not do what was asked. `changed` lists workspace paths that the call is known to have written. `diff` is a unified
    diff for people to see. `pictures` go to a model that can see; for any other `text` has to do.
    """

    text: str
    summary: str
    ok: bool = True
    changed: tuple[str, ...] = ()
    diff: str = ""
    pictures: tuple[PictureFile, ...] = ()


class ToolFailure(Exception):
    """A call that cannot be done; the message is a sentence that the model can act on."""


@dataclass(frozen=True, slots=True)
class UndoStep:
    """One edit: the file's bytes before it (None: there was no file) and the digest of what it left on disk."""

    before: bytes | None
    after: str


TaskState = Literal["open", "active", "done"]


@dataclass(frozen=True, slots=True)
class Task:
    """One line of the model's own task list."""

    text: str
    state: TaskState
    depth: int = 0


@dataclass(slots=True)
class ToolState:
    """What tools remember between calls of one session: the shell's directory, outputs kept, the task list."""

    cwd: str | None = None
    outputs: int = 0
    tasks: tuple[Task, ...] = ()

    def next_output(self) -> int:
        """A number for the next output that is kept in a file."""
        self.outputs += 1
        return self.outputs


@dataclass(slots=True)
class SeenFiles:
    """Files as the model last saw them, by resolved path: the guard behind "read before edit". One per session.

    `digests` are of the content, so that a `touch` or a `chmod` does not count as a change. `undo` holds the editor's
    own edits, newest last. `state` is what else the tools remember.
    """

    digests: dict[str, str] = field(default_factory=dict[str, str])
    undo: dict[str, list[UndoStep]] = field(default_factory=dict[str, list[UndoStep]])
    state: ToolState = field(default_factory=ToolState)

    def note(self, real_path: str, data: bytes) -> str:
        """Remember a file's content as seen; gives its digest."""
        self.digests[real_path] = digest(data)
        return self.digests[real_path]


def digest(data: bytes) -> str:
    """A short digest of a file's content."""
    return hashlib.sha256(data).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class ToolSettings:
    """What a user may set: seconds of a command that names no timeout, and the most that one may name."""

    timeout_default_s: int = 120
    timeout_max_s: int = 3600


@dataclass(frozen=True, slots=True)
class ToolContext:
    """What a tool may use. `seen` is the session's; `on_output` receives live output as it arrives."""

    sandbox: Sandbox
    seen: SeenFiles
    on_output: Callable[[bytes], None]
    settings: ToolSettings = field(default_factory=ToolSettings)

    @property
    def state(self) -> ToolState:
        """What the tools remember between calls."""
        return self.seen.state

    @property
    def roots(self) -> tuple[str, ...]:
        """Directories that file tools may touch: the workspace and the scratch directory."""
        return (self.sandbox.workdir, self.sandbox.scratch)


class Tool(Protocol[ArgumentsT_contra]):
    """One thing that the model may do."""

    @property
    def name(self) -> str:
        """Name in the model's tool list."""
        ...

    @property
    def arguments(self) -> type[Arguments]:
        """The pydantic form of the call's arguments; its JSON schema goes to the model."""
        ...

    def effect(self, arguments: ArgumentsT_contra) -> Effect:
        """What this call does to the world; only "read" calls run in parallel with others."""
        ...

    async def run(self, arguments: ArgumentsT_contra, context: ToolContext) -> ToolResult:
        """Do it. Raises `ToolFailure` and the errors of `sandboxes.errors`."""
        ...


class TypedTool(ABC, Generic[ArgumentsT]):
    """A `Tool[Arguments]` written against its own argument class: checks the type once, at the door."""

    name: str
    arguments: type[ArgumentsT]

    def effect(self, arguments: Arguments) -> Effect:
        """What this call does to the world."""
        return self.effect_of(self._own(arguments))

    async def run(self, arguments: Arguments, context: ToolContext) -> ToolResult:
        """Do it. Raises `ToolFailure` and the errors of `sandboxes.errors`."""
        return await self.do(self._own(arguments), context)

    @abstractmethod
    def effect_of(self, arguments: ArgumentsT) -> Effect:
        """The effect of a call with this tool's own arguments."""

    @abstractmethod
    async def do(self, arguments: ArgumentsT, context: ToolContext) -> ToolResult:
        """Do a call with this tool's own arguments."""

    def _own(self, arguments: Arguments) -> ArgumentsT:
        if not isinstance(arguments, self.arguments):
            raise TypeError(f"{self.name} got {type(arguments).__name__}, not {self.arguments.__name__}")
        return arguments


def prompt_text(name: str) -> str:
    """The tool's description for the model, from `tools/prompts/NAME.md`."""
    return files("tools").joinpath("prompts", f"{name}.md").read_text(encoding="utf-8").strip()
