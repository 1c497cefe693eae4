"""Plain lines on how far a batch is: for logs and people alike."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from jobs.batch.store import Status

# Between two lines that only say which step each worker is at.
QUIET_S = 15.0


@dataclass(slots=True)
class Progress:
    """Says a line when an instance begins or ends, and now and then where each worker is."""

    total: int
    say: Callable[[str], None]
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

    def step(self, name: str, step: int) -> None:
        """An instance is at its next step."""
        self.at[name] = step
        if self.clock() - self._told >= QUIET_S:
            self._tell("at work")

    def end(self, name: str, status: Status) -> None:
        """An instance is over."""
        self.at.pop(name, None)
        self.done[status.exit_status] += 1
        size = f"patch of {status.patch_bytes:,} bytes" if status.patch_bytes else "no patch"
        tries = f", attempt {status.attempts}" if status.attempts > 1 else ""
        what = f"{name} {status.exit_status}: {status.steps} steps, {size}, {status.seconds:.0f} s{tries}"
        why = f" ({status.detail})" if status.exit_status in ("infra", "failed") else ""
        self._tell(what + why)

    def _tell(self, what: str) -> None:
        self._told = self.clock()
        workers = ", ".join(f"{name} step {step}" for name, step in self.at.items())
        parts = [f"[{self.done.total()}/{self.total}] {what}", self._eta(), f"at work: {workers}" if workers else ""]
        self.say("; ".join(part for part in parts if part))

    def _eta(self) -> str:
        done = self.done.total()
        if not done or done == self.total:
            return ""
        seconds = (self.clock() - self._began) / done * (self.total - done)
        return f"about {seconds / 60:.0f} min left" if seconds >= 120 else f"about {seconds:.0f} s left"
