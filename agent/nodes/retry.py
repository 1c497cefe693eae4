"""Asking again: at once with another request where that may help, and after a pause while the server is away or busy.

The one retry layer. A turn is never lost to a server that restarts: it waits, says so, and goes on.
"""

import asyncio
import random
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from agent.client import ModelRequest
from agent.engine import Engine
from agent.errors import (
    ContextOverflow,
    EndpointBusy,
    EndpointError,
    EndpointFailed,
    EndpointUnreachable,
    RequestInvalid,
    StreamBroken,
)
from agent.events import FaultHandled, Notice
from agent.messages import without_pictures
from agent.nodes.record import Spoken
from agent.state import TurnState

Retried = EndpointBusy | EndpointUnreachable | StreamBroken

# Pauses in seconds before asking again; the last one repeats.
WAITS_S = (0.0, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
# A server that answers and fails, or cuts every answer, will do so again.
MOST_FAILURES = 5
# Workers that were turned away together must not come back together.
JITTER = 0.25
TOKEN_MARGIN = 64
LEAST_ANSWER_TOKENS = 256
_MEDIA = re.compile(r"image|multi-?modal|vision|media|picture|content part", re.IGNORECASE)


@dataclass(slots=True)
class Patience:
    """How often a request has failed, and how much longer to try. Pure but for `jitter`, numbers from 0 to 1."""

    limit_s: float
    jitter: Callable[[], float] = random.random
    tries: int = 0
    failures: int = 0

    def pause_s(self, error: Retried, waited_s: float) -> float | None:
        """Seconds until the next attempt after this error; None when there should be none."""
        self.tries += 1
        if error.counter not in ("connection_lost", "server_busy"):
            self.failures += 1
        if self.failures >= MOST_FAILURES or (self.tries > 1 and waited_s >= self.limit_s):
            return None
        asked = error.retry_after_s if isinstance(error, EndpointBusy) else None
        if asked is not None:
            pause = asked * (1 + self.jitter() * JITTER)
            return pause if waited_s + asked <= self.limit_s else None
        # A server that says it is busy is never asked again at once; a cut line is.
        number = self.tries if error.counter == "server_busy" else self.tries - 1
        pause = WAITS_S[min(number, len(WAITS_S) - 1)] * (1 + (self.jitter() - 0.5) * 2 * JITTER)
        return min(pause, max(self.limit_s - waited_s, 0.0))


async def with_patience(
    engine: Engine, turn: TurnState, request: ModelRequest, ask: Callable[[ModelRequest], Awaitable[Spoken]]
) -> Spoken:
    """The answer, however often the server must be asked. Raises what it raised last when patience ends."""
    patience, began, away = Patience(engine.settings.server_wait_s), time.monotonic(), False
    while True:
        try:
            spoken = await ask(request)
        except (EndpointBusy, EndpointUnreachable, StreamBroken, RequestInvalid, ContextOverflow) as error:
            if (other := another_request(engine, turn, request, error)) is not None:
                request = other
                continue
            if isinstance(error, RequestInvalid | ContextOverflow):
                raise
            waited = time.monotonic() - began
            pause = patience.pause_s(error, waited)
            if pause is None:
                error.args = (_given_up(error, waited),)
                raise
            away = _told(engine, turn, error, patience, pause, known_away=away)
            await asyncio.sleep(pause)
        else:
            if away:
                engine.emit(Notice(f"The model server is back after {time.monotonic() - began:.0f} s; going on."))
            return spoken


def another_request(engine: Engine, turn: TurnState, request: ModelRequest, error: Exception) -> ModelRequest | None:
    """A request that may succeed where this one failed, for reasons that lie in it; None when there is none."""
    if request.force and isinstance(error, EndpointFailed | RequestInvalid):
        # A grammar that the model's words cannot obey ends in HTTP 500 (vLLM 0.32), at every attempt.
        engine.survived(turn.step, "force_refused", str(error), "asking without requiring a call")
        return replace(request, force=False)
    if isinstance(error, ContextOverflow) and error.context_tokens and error.prompt_tokens:
        # vLLM up to 0.1x counts the room for the answer as well.
        room = error.context_tokens - error.prompt_tokens - TOKEN_MARGIN
        if LEAST_ANSWER_TOKENS <= room < request.max_tokens:
            engine.context.tokens = error.context_tokens
            engine.survived(turn.step, "context_overflow", str(error), f"asking for at most {room:,} tokens")
            return replace(request, max_tokens=room)
    if isinstance(error, RequestInvalid) and _refuses_pictures(error, request):
        engine.transcript.blind = True
        engine.survived(turn.step, "pictures_refused", str(error), "asking again without the pictures")
        return replace(request, messages=engine.transcript.sent())
    if isinstance(error, RequestInvalid) and not engine.transcript.plain:
        engine.transcript.plain = True
        if list(request.messages) != engine.transcript.sent():
            what = "asking again with a plain history: no reasoning, no odd characters"
            engine.survived(turn.step, "history_refused", str(error), what)
            return replace(request, messages=engine.transcript.sent())
        engine.transcript.plain = False
    return None


def _refuses_pictures(error: RequestInvalid, request: ModelRequest) -> bool:
    """vLLM: "At most 0 image(s) may be provided in one prompt", "... is not a multimodal model"; others in theirs."""
    return bool(_MEDIA.search(str(error))) and any(without_pictures(one) != one for one in request.messages)


def _told(
    engine: Engine, turn: TurnState, error: Retried, patience: Patience, pause: float, *, known_away: bool
) -> bool:
    """Count the failure and say what is done about it; returns whether the server is known to be away."""
    action = f"asking again in {pause:.0f} s" if pause >= 1 else "asking again"
    if error.counter != "connection_lost" or patience.tries == 1:
        engine.survived(turn.step, error.counter, str(error), action)
        return known_away
    if known_away:
        engine.emit(FaultHandled(str(error), action))
    else:
        minutes = engine.settings.server_wait_s / 60
        engine.survived(turn.step, "server_away", str(error), f"waiting for it, up to {minutes:.0f} min; {action}")
    return True


def _given_up(error: EndpointError | StreamBroken, waited_s: float) -> str:
    asked = error.retry_after_s if isinstance(error, EndpointBusy) else None
    if asked is not None and not isinstance(error, EndpointFailed):
        return f"{error} It asks for a pause of {asked:.0f} s, more than this turn may wait (server_wait_seconds)."
    return f"{error} Given up after {waited_s:.0f} s; `qwright resume` goes on from here."
