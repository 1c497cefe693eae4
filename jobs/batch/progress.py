"""How far a batch is: plain lines for logs and people alike, and events for what draws or reads it."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from agent.json_types import JsonObject
from jobs.batch.store import Status

# Between two lines that only say which step each worker is at.
QUIET_S = 15.0


What: TypeAlias = Literal["instance_started", "step_started", "instance_ended"]


@dataclass(frozen=True, slots=True)
class Happened:
    """One event. `status` is there when an instance ended."""

    what: What
    name: str
    step: int = 0
    status: Status | None = None

    def as_json(self, progress: "Progress") -> JsonObject:
        """The event as programs read it, with how far the batch is."""
        left_s = progress.left_s()
        left = None if left_s is None else round(left_s, 1)
        far: JsonObject = {"done": progress.done.total(), "total": progress.total, "left_s": left}
        event: JsonObject = {"event": self.what, "time": time.time(), "instance": self.name, **far}
        if self.status is None:
            return {**event, "step": self.step} if self.what == "step_started" else event
        return {**event, "status": self.status.model_dump(mode="json")}


@dataclass(slots=True)
class Progress:
    """Says a line when an instance begins or ends, and now and then where each worker is.

    `watch` hears of everything, after it is counted.
    """

    total: int
    say: Callable[[str], None]
    watch: Callable[["Progress", Happened], None] = lambda progress, event: None
    clock: Callable[[], float] = time.monotonic
    done: Counter[str] = field(default_factory=Counter[str])
    at: dict[str, int] = field(default_factory=dict[str, int])
    _began: float = 0.0
    _told: float = 0.0

    def __post_init__(self) -> None:
        self._began = self._told = self.clock()

    def begin(self, name: str) -> None:
        """An instance starts."""
        self.at[name] = 0
        self._tell(f"{name} starts")
        self.watch(self, Happened("instance_started", name))

    def step(self, name: str, step: int) -> None:
        """An instance is at its next step."""
        self.at[name] = step
        if self.clock() - self._told >= QUIET_S:
            self._tell("at work")
        self.watch(self, Happened("step_started", name, step))

    def end(self, name: str, status: Status) -> None:
        """An instance is over."""
        self.at.pop(name, None)
        self.done[status.exit_status] += 1
        size = f"patch of {status.patch_bytes:,} bytes" if status.patch_bytes else "no patch"
        tries = f", attempt {status.attempts}" if status.attempts > 1 else ""
        what = f"{name} {status.exit_status}: {status.steps} steps, {size}, {status.seconds:.0f} s{tries}"
        why = f" ({status.detail})" if status.exit_status in ("infra", "crashed", "failed") else ""
        self._tell(what + why)
        self.watch(self, Happened("instance_ended", name, status.steps, status))

    def _tell(self, what: str) -> None:
        self._told = self.clock()
        workers = ", ".join(f"{name} step {step}" for name, step in self.at.items())
        parts = [f"[{self.done.total()}/{self.total}] {what}", self._eta(), f"at work: {workers}" if workers else ""]
        self.say("; ".join(part for part in parts if part))

    def left_s(self) -> float | None:
        """About how long the rest takes, None while nothing is known or nothing is left."""
        done = self.done.total()
        return None if not done or done >= self.total else self.passed_s() / done * (self.total - done)

    def passed_s(self) -> float:
        """Seconds since it began."""
        return self.clock() - self._began

    def _eta(self) -> str:
        seconds = self.left_s()
        if seconds is None:
            return ""
        return f"about {seconds / 60:.0f} min left" if seconds >= 120 else f"about {seconds:.0f} s left"
