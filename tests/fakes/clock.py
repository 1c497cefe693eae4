"""A clock that goes on only when told."""


class Clock:
    """Called, it gives seconds, as `time.monotonic` does."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def go_on(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds
