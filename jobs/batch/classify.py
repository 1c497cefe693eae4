"""Whose fault it is when a run ends with an error: the infrastructure's, which is worth another try, or the model's."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from agent.errors import (
    AgentError,
    EndpointBusy,
    EndpointRefused,
    EndpointUnreachable,
    StreamBroken,
)
from sandboxes.errors import PathError, SandboxError

Blame: TypeAlias = Literal["infra", "model"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """`retry` says whether the same may go well a little later in the same run."""

    blame: Blame
    retry: bool


def classify(error: BaseException) -> Verdict:
    """Sort an error into what nobody's patch can be blamed for, and the rest.

    A prompt that is too long or invalid came from this conversation: the run is the model's, and its patch is graded.
    A refused key or model name is no transient fault. What is none of ours (a crash, a full disk) says nothing of the
    model either, and would only happen again.
    """
    match error:
        case PathError():
            return Verdict("model", retry=False)
        case SandboxError() | EndpointUnreachable() | EndpointBusy() | StreamBroken():
            return Verdict("infra", retry=True)
        case EndpointRefused():
            return Verdict("infra", retry=False)
        case _:
            return Verdict("model" if isinstance(error, AgentError) else "infra", retry=False)
