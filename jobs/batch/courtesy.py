"""A batch lets others go first: while requests wait in the server's queue, it holds its next ones back for a while.

A person's request then waits behind those of the batch that are in the queue already, never behind the whole batch.
Where the server schedules by priority (vLLM's `--scheduling-policy priority`) it goes before even these.
"""

import asyncio
import math
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing

from agent.client import ModelClient, ModelItem, ModelRequest
from serving.metrics import Snapshot

# Looks, after a queue was seen, for which no look is shared.
_WARY = 5
Load = Callable[[], Awaitable[Snapshot | None]]


class Gate:
    """One for all clients of a batch. A look counts for `fresh_s` seconds; nobody is held longer than `most_s`.

    What is held goes one at a time when the queue is empty, each after a look of its own, so that they do not fill the
    queue together.
    """

    def __init__(
        self, load: Load, fresh_s: float = 1.0, most_s: float = 30.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._load = load
        self._fresh_s = fresh_s
        self._most_s = most_s
        self._clock = clock
        self._looked = self._wary_until = -math.inf
        self._turn = asyncio.Lock()

    async def passed(self) -> float:
        """Wait for room; returns the seconds that it took. A server that tells nothing holds nobody."""
        began = self._clock()
        try:
            async with asyncio.timeout(self._most_s), self._turn:
                await self._until_room()
        except TimeoutError:
            # Everything comes to its turn, however busy others keep the server.
            pass
        return self._clock() - began

    async def _until_room(self) -> None:
        while True:
            if not await self._full():
                return
            await asyncio.sleep(self._fresh_s)

    async def _full(self) -> bool:
        """Whether there is a queue. For a while after one, each request looks for itself: those held would fill it."""
        now_s = self._clock()
        if now_s < self._wary_until or now_s - self._looked >= self._fresh_s:
            now = await self._load()
            self._looked = self._clock()
            if now and now.waiting:
                self._wary_until = self._looked + _WARY * self._fresh_s
                return True
        return False


class Polite:
    """Implements `agent.client.ModelClient` around another: each request passes the gate first."""

    def __init__(self, client: ModelClient, gate: Gate) -> None:
        self._client = client
        self._gate = gate

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelItem, None]:
        """See `ModelClient.stream`."""
        await self._gate.passed()
        async with aclosing(self._client.stream(request)) as items:
            async for item in items:
                yield item

    async def count(self, request: ModelRequest) -> int | None:
        """See `ModelClient.count`: computed beside the queue."""
        return await self._client.count(request)

    async def close(self) -> None:
        """See `ModelClient.close`."""
        await self._client.close()
