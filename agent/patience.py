"""How long to wait for a server that is silent: for as long as it works.

vLLM's queue has no bound and a long prompt takes minutes to read, so no fixed time tells a slow server from a dead one
(reference: vLLM `v1/metrics/loggers.py`, `entrypoints/serve/instrumentator/health.py`). While nothing comes, the server
is asked at growing intervals what it does; it has gauges for that and no event. Pure, but for the protocol.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeAlias

Tell: TypeAlias = Callable[[str], None]
_GROWTH = 2.0


@dataclass(frozen=True, slots=True)
class Pulse:
    """One look at the server.

    `state` is "ill" when it says that its engine is dead, "away" when it does not answer. `running` and `waiting` count
    its requests (None: untold). `work` holds figures that change whenever it works (empty: untold).
    """

    state: Literal["alive", "ill", "away"] = "alive"
    running: int | None = None
    waiting: int | None = None
    work: tuple[float, ...] = ()


class ServerPulse(Protocol):
    """Where a look comes from. Never raises for what a server does or fails to do."""

    async def feel(self) -> Pulse:
        """Ask the server now."""
        ...


@dataclass(frozen=True, slots=True)
class Pace:
    """When to look, and when to stop, in seconds.

    A server that does no work for `stall_s`, or does not answer for `away_s`, is given up. Looks begin after
    `first_look_s` of silence and double their distance up to `longest_pause_s`.
    """

    stall_s: float = 240.0
    away_s: float = 30.0
    first_look_s: float = 8.0
    longest_pause_s: float = 60.0


@dataclass(frozen=True, slots=True)
class GivenUp:
    """The wait is over; the sentence says why. `away` when the server is not there at all."""

    sentence: str
    away: bool = False


@dataclass(slots=True)
class Vigil:
    """The wait of one request. Times are seconds of one clock. `blind_s` is for a server that tells nothing."""

    where: str
    blind_s: float
    pace: Pace
    prompt_tokens: int
    began_s: float
    begun: bool = False
    heard_s: float = field(init=False)
    _worked_s: float = field(init=False)
    _next_s: float = field(init=False)
    _pause_s: float = field(init=False)
    _away_s: float | None = None
    _work: tuple[float, ...] = ()
    _told: str = ""

    def __post_init__(self) -> None:
        self._silent_from(self.began_s)

    def heard(self, now_s: float) -> None:
        """A piece of the answer came."""
        self.begun = True
        self._silent_from(now_s)

    def _silent_from(self, now_s: float) -> None:
        self.heard_s = self._worked_s = now_s
        self._pause_s = self.pace.first_look_s
        self._next_s = now_s + self._pause_s
        self._away_s, self._told = None, ""

    def next_look_s(self, now_s: float) -> float:
        """Seconds until the next look is due."""
        deadline = self.heard_s + self.blind_s
        due = min(self._next_s, deadline) if deadline > now_s else self._next_s
        return max(due - now_s, 0.0)

    def see(self, pulse: Pulse, now_s: float) -> str | GivenUp:
        """Judge one look: "" when there is nothing new to tell, a sentence for the person, or the end of the wait."""
        self._pause_s = min(self._pause_s * _GROWTH, self.pace.longest_pause_s)
        self._next_s = now_s + self._pause_s
        if pulse.state == "ill":
            return GivenUp(f"The server at {self.where} says that it is unhealthy: its engine has stopped. Restart it.")
        if pulse.state == "away":
            self._away_s = now_s if self._away_s is None else self._away_s
            if now_s - self._away_s >= self.pace.away_s:
                return GivenUp(f"The server at {self.where} no longer answers. Is it still there?", away=True)
            return self._new("The server does not answer a question about its load; waiting a little longer.")
        self._away_s = None
        if not pulse.work:
            return self._unseen(now_s)
        if pulse.work != self._work:
            self._work, self._worked_s = pulse.work, now_s
        stalled = now_s - self._worked_s
        if stalled >= self.pace.stall_s:
            return GivenUp(
                f"The server at {self.where} has made no progress for {stalled:.0f} s ({_load(pulse)}). "
                "Its log may say why."
            )
        return self._new(self._reason(pulse))

    def _unseen(self, now_s: float) -> str | GivenUp:
        silent = now_s - self.heard_s
        if silent >= self.blind_s:
            return GivenUp(
                f"The server at {self.where} was silent for {silent:.0f} s and has no /metrics to say why. Is it "
                "overloaded or still loading?"
            )
        return self._new(
            f"The server is silent and has no /metrics to say why; waiting for up to {self.blind_s:.0f} s."
        )

    def _reason(self, pulse: Pulse) -> str:
        running, waiting = pulse.running or 0, pulse.waiting or 0
        if self.begun:
            what = f"{_requests(waiting)} in its queue" if waiting else f"it computes {_requests(running)}"
            return f"The answer has paused; the server is alive ({what})."
        if waiting:
            # Which of those that wait came later, the server does not tell.
            most = "up to " if waiting > 1 else ""
            ahead = running + waiting - 1
            return f"Queued behind {most}{_requests(ahead)} ({running} running, {waiting - 1} waiting)."
        if not running:
            return "The server has not begun with this request yet."
        beside = f" beside {_requests(running - 1)}" if running > 1 else ""
        return f"The server is reading a prompt of about {rounded(self.prompt_tokens):,} tokens{beside}."

    def _new(self, sentence: str) -> str:
        """The sentence, unless it was told already."""
        if sentence == self._told:
            return ""
        self._told = sentence
        return sentence


def rounded(count: int) -> int:
    """An estimate, to two significant digits: more would pretend to know."""
    digits = max(len(str(count)) - 2, 0)
    return round(count, -digits)


def _requests(count: int) -> str:
    return "1 request" if count == 1 else f"{count} requests"


def _load(pulse: Pulse) -> str:
    return f"{pulse.running or 0} running, {pulse.waiting or 0} waiting"
