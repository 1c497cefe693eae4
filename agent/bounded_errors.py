"""The body of an error, of which only the beginning is read: openai's client takes it whole, however long it is.

Imported where a client is made: httpx2 takes its time.
"""

from collections.abc import AsyncGenerator

import httpx2

MOST_BYTES = 64 * 1024
"""Of an answer that is no success; vLLM's errors have some hundred bytes, a proxy's page some thousand."""


async def bounded(response: httpx2.Response) -> None:
    """A hook for responses: ends the bodies of errors after `MOST_BYTES`."""
    if not response.is_success and isinstance(response.stream, httpx2.AsyncByteStream):
        response.stream = _Bounded(response.stream)


class _Bounded(httpx2.AsyncByteStream):
    def __init__(self, inner: httpx2.AsyncByteStream) -> None:
        self._inner = inner

    async def __aiter__(self) -> AsyncGenerator[bytes, None]:
        left = MOST_BYTES
        async for piece in self._inner:
            yield piece[:left]
            left -= len(piece)
            if left <= 0:
                return

    async def aclose(self) -> None:
        """Close the connection."""
        await self._inner.aclose()
