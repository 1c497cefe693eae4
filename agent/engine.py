"""What the nodes of the graph work with. LangGraph hands it to each node as the run's context."""

import time
from dataclasses import dataclass, field

from agent.cache_meter import CacheMeter
from agent.checks import Checks
from agent.client import ModelClient
from agent.events import EventSink, FaultHandled
from agent.failures.table import Counter
from agent.log import SessionLog
from agent.permissions.modes import Mode
from agent.permissions.permissions import Permissions
from agent.settings import Settings
from agent.snapshotter import Snapshots, Snapshotter
from agent.steering import Steering
from agent.thinking import Policy
from agent.toolset import Toolset
from agent.transcript import Transcript

__all__ = ["Clock", "Context", "Engine", "Snapshots", "Snapshotter"]


@dataclass(slots=True)
class Clock:
    """Seconds that a turn has used, across interruptions: `spent_s` from the checkpoint plus this run's own."""

    started: float = field(default_factory=time.monotonic)
    carried_s: float = 0.0

    def spent_s(self) -> float:
        """Seconds since the turn began, pauses between runs left out."""
        return self.carried_s + time.monotonic() - self.started


@dataclass(slots=True)
class Context:
    """The server's context in tokens, 0 when unknown: as it said at the start, or as a refusal has taught since."""

    tokens: int


@dataclass(frozen=True, slots=True)
class Engine:
    """Everything that a session's graph needs. `policy` is the thinking policy that a resume was given, if any."""

    settings: Settings
    log: SessionLog
    transcript: Transcript
    client: ModelClient
    toolset: Toolset
    snapshotter: Snapshotter
    emit: EventSink
    clock: Clock
    context: Context
    steering: Steering
    permissions: Permissions
    policy: Policy | None = None
    checks: Checks = field(default_factory=Checks)
    cache_meter: CacheMeter = field(default_factory=CacheMeter)

    def change_mode(self, mode: Mode) -> None:
        """What the person allows, from the next call on; kept for a resume."""
        self.permissions.change(mode)
        self.log.update_meta(mode=mode)

    def survived(self, step: int, counter: Counter, what: str, action: str) -> None:
        """Count a failure in the log, and tell the fronts what happened and what is done about it."""
        self.log.append("failure", step, {"counter": counter, "what": what, "action": action})
        self.emit(FaultHandled(what, action, counter))
