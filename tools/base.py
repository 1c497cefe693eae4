"""What a tool is: a name, a checked form of arguments, an effect, and a coroutine that answers with text."""

from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Literal, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict

from sandboxes.protocol import Sandbox

Effect = Literal["read", "write", "execute", "person", "finish"]


class Arguments(BaseModel):
    """Base of every tool's arguments: unknown names are errors that name the ones there are."""

    model_config = ConfigDict(extra="forbid", frozen=True)


ArgumentsT_contra = TypeVar("ArgumentsT_contra", bound=Arguments, contravariant=True)


@dataclass(frozen=True, slots=True)
class ToolResult:
    """A tool's answer.

    `text` goes to the model as it stands; `summary` is one short line for a person. `ok` is False when the call did
    not do what was asked. `changed` lists workspace paths that the call is known to have written. `diff` is a unified
    diff for people to see.
    """

    text: str
    summary: str
    ok: bool = True
    changed: tuple[str, ...] = ()
    diff: str = ""


class ToolFailure(Exception):
    """A call that cannot be done; the message is a sentence that the model can act on."""


@dataclass(slots=True)
class SeenFiles:
    """Versions of files as the model last saw them, by resolved path: the guard behind "read before edit"."""

    versions: dict[str, str] = field(default_factory=dict[str, str])
    undo: dict[str, list[bytes | None]] = field(default_factory=dict[str, list[bytes | None]])


@dataclass(frozen=True, slots=True)
class ToolContext:
    """What a tool may use. `on_output` receives live output as it arrives."""

    sandbox: Sandbox
    seen: SeenFiles
    on_output: Callable[[bytes], None]

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


def prompt_text(name: str) -> str:
    """The tool's description for the model, from `tools/prompts/NAME.md`."""
    return files("tools").joinpath("prompts", f"{name}.md").read_text(encoding="utf-8").strip()
