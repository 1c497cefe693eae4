"""How long an inquiry may take."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Budget:
    """Seconds for the whole inquiry, counted from `began` by the clock; 0 means no limit."""

    seconds: float = 0.0
    began: float = field(default_factory=time.monotonic)
    clock: Callable[[], float] = time.monotonic

    def left_s(self) -> float:
        """Seconds left (infinite without a limit), never below 0."""
        if not self.seconds:
            return float("inf")
        return max(self.began + self.seconds - self.clock(), 0.0)
