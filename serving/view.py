"""A live view of a model server: read on demand or at the reader's own interval. No task of its own, no thread.

A server without `/metrics`, or one that wants another key for it, gives None; it is no error, and the view goes on.
"""

import asyncio
import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias
from urllib.parse import urlsplit

from serving.metrics import Between, Snapshot, between, parse

if TYPE_CHECKING:
    import httpx2

MOST_PAGE_BYTES = 8_000_000
Health: TypeAlias = Literal["well", "ill", "away", "untold"]


@dataclass(frozen=True, slots=True)
class Look:
    """What one look showed: `now` None where the server tells nothing; `since` what happened since the last look."""

    now: Snapshot | None
    since: Between | None


class ServerView:
    """`async with ServerView(base_url, key) as view:`; `base_url` ends in /v1. `timeout_s` bounds each question."""

    def __init__(self, base_url: str, api_key: str = "", timeout_s: float = 5.0) -> None:
        self._root = base_url.rstrip("/").removesuffix("/v1")
        self._key = api_key
        self._timeout_s = timeout_s
        self._http: httpx2.AsyncClient | None = None
        self._last: Snapshot | None = None

    async def __aenter__(self) -> "ServerView":
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.close()

    async def look(self) -> Look:
        """Ask once. Never raises for what a server does or fails to do."""
        before, now = self._last, await self.snapshot()
        self._last = now or before
        return Look(now, between(before, now) if before and now else None)

    async def looks(self, interval_s: float) -> AsyncGenerator[Look, None]:
        """A look now and then one every `interval_s` seconds, for as long as the reader goes on."""
        while True:
            yield await self.look()
            await asyncio.sleep(interval_s)

    async def snapshot(self) -> Snapshot | None:
        """The server's metrics of this moment, or None."""
        page = await self._get("/metrics")
        return parse(page[1], time.monotonic()) if page is not None and page[0] == 200 else None

    async def health(self) -> Health:
        """`/health`: "well" (200), "ill" (503: the engine is dead), "untold" (anything else), "away" (no answer)."""
        page = await self._get("/health")
        if page is None:
            return "away"
        return "well" if page[0] == 200 else "ill" if page[0] == 503 else "untold"

    async def close(self) -> None:
        """Close the connection."""
        if self._http is not None:
            await self._http.aclose()
            self._http = None

    async def _get(self, path: str) -> tuple[int, str] | None:
        """Status and text of an answer, or None when there is none."""
        import httpx2

        if self._http is None:
            headers = {"Authorization": f"Bearer {self._key}"} if self._key else {}
            # A proxy of the environment must not stand between a person and the server on their own machine.
            self._http = httpx2.AsyncClient(headers=headers, trust_env=not _is_local(self._root))
        try:
            async with asyncio.timeout(self._timeout_s), self._http.stream("GET", self._root + path) as answer:
                data = bytearray()
                async for piece in answer.aiter_bytes():
                    data += piece
                    if len(data) > MOST_PAGE_BYTES:
                        return None
                return answer.status_code, data.decode("utf-8", "replace")
        except (httpx2.HTTPError, httpx2.StreamError, httpx2.InvalidURL, TimeoutError, OSError):
            return None


def _is_local(url: str) -> bool:
    try:
        return urlsplit(url).hostname in ("localhost", "127.0.0.1", "::1")
    except ValueError:
        return False
