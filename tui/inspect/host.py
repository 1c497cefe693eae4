"""What the inspector shows, and who gives it: it knows nothing of how a batch keeps its results."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

PartKind: TypeAlias = Literal["mode", "note", "reasoning", "text", "call", "result", "failed"]


@dataclass(frozen=True, slots=True)
class InstanceLine:
    """One instance in the list. `outcome` is what is filtered by."""

    name: str
    outcome: str
    end: str
    steps: int
    thinking: int
    completion_tokens: int
    seconds: float
    why: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that happened in a step."""

    kind: PartKind
    text: str


@dataclass(frozen=True, slots=True)
class StepView:
    """One step: a line for the list, and all that happened."""

    title: str
    parts: Sequence[Part]


class InspectHost(Protocol):
    """Gives what is shown; each call reads anew, so that a running batch can be looked at."""

    def title(self) -> str:
        """A line on the whole run."""
        ...

    def instances(self) -> Sequence[InstanceLine]:
        """All instances."""
        ...

    def steps(self, name: str) -> Sequence[StepView]:
        """The steps of one; empty where there is no session to read."""
        ...

    def patch(self, name: str) -> str:
        """Its patch, "" for none."""
        ...

    def tests(self, name: str) -> str:
        """The output of its graded tests, "" when it was not graded."""
        ...
