"""A client whose first request is already under way when the machine asks for it.

A server needs its time for the first prompt, and this process half a second to load the machine (LangGraph): beside
each other they cost only the longer of the two.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass

from agent.client import ModelClient, ModelItem, ModelRequest


@dataclass(frozen=True, slots=True)
class _Begun:
    request: ModelRequest
    items: AsyncGenerator[ModelItem, None]
    first: "asyncio.Task[ModelItem]"


class HeadStart:
    """Implements `ModelClient` over another. Times to the first token count from when the machine asked."""

    def __init__(self, client: ModelClient) -> None:
        self._client = client
        self._begun: _Begun | None = None

    def begin(self, request: ModelRequest) -> None:
        """Send a request now; `stream` hands its answer out to whoever asks for the very same."""
        items = self._client.stream(request)
        self._begun = _Begun(request, items, asyncio.ensure_future(anext(items)))

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelItem, None]:
        """See `ModelClient.stream`."""
        begun, self._begun = self._begun, None
        if begun is not None and begun.request != request:
            await _drop(begun)
            begun = None
        if begun is None:
            async with aclosing(self._client.stream(request)) as items:
                async for item in items:
                    yield item
            return
        try:
            yield await begun.first
            async for item in begun.items:
                yield item
        finally:
            await _drop(begun)

    async def count(self, request: ModelRequest) -> int | None:
        """See `ModelClient.count`."""
        return await self._client.count(request)

    async def close(self) -> None:
        """Take a request back that nobody asked for, and close connections."""
        begun, self._begun = self._begun, None
        if begun is not None:
            await _drop(begun)
        await self._client.close()


async def _drop(begun: _Begun) -> None:
    begun.first.cancel()
    await asyncio.gather(begun.first, return_exceptions=True)
    await begun.items.aclose()
