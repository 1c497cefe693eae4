"""Keeps a vigil beside one request: looks at the server while it is silent and ends the wait when it is given up.

One task per request, which ends with it, and nothing per piece of the answer but a time stamp.
"""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from agent.errors import AgentError, EndpointSilent, EndpointUnreachable, StreamBroken
from agent.patience import GivenUp, Pulse, ServerPulse, Tell, Vigil

_T = TypeVar("_T")
_UNTOLD = Pulse()


class Watch:
    """`async with Watch(...) as watch:`, with every wait for the server inside `watch.over(...)`."""

    def __init__(self, vigil: Vigil, pulse: ServerPulse | None, tell: Tell) -> None:
        self._vigil = vigil
        self._pulse = pulse
        self._tell = tell
        self._task: asyncio.Task[AgentError] | None = None
        self._scope: asyncio.Timeout | None = None
        self._verdict: BaseException | None = None

    async def __aenter__(self) -> "Watch":
        self._task = asyncio.create_task(self._keep())
        self._task.add_done_callback(self._ended)
        return self

    async def __aexit__(self, *error: object) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def heard(self) -> None:
        """The server sent a piece of the answer."""
        self._vigil.heard(_now())

    async def over(self, waited_for: Awaitable[_T]) -> _T:
        """Wait for the server.

        Raises when it is given up: `EndpointSilent` or `EndpointUnreachable` before the first piece, else
        `StreamBroken`.
        """
        try:
            async with asyncio.timeout(0 if self._verdict else None) as self._scope:
                return await waited_for
        except TimeoutError as error:
            if self._verdict is None:
                raise
            raise self._verdict from error
        finally:
            self._scope = None

    async def _keep(self) -> AgentError:
        """Returns when there is nothing more to wait for."""
        while True:
            heard = self._vigil.heard_s
            await asyncio.sleep(self._vigil.next_look_s(_now()))
            if self._vigil.heard_s != heard:
                continue
            found = await self._pulse.feel() if self._pulse is not None else _UNTOLD
            if self._vigil.heard_s != heard:
                continue
            told = self._vigil.see(found, _now())
            if isinstance(told, GivenUp):
                if self._vigil.begun:
                    return StreamBroken(told.sentence)
                return EndpointUnreachable(told.sentence) if told.away else EndpointSilent(told.sentence)
            if told:
                self._tell(told)

    def _ended(self, task: "asyncio.Task[AgentError]") -> None:
        if task.cancelled():
            return
        self._verdict = task.exception() or task.result()
        if self._scope is not None and not self._scope.expired():
            self._scope.reschedule(_now())


def _now() -> float:
    return asyncio.get_running_loop().time()
