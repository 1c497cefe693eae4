"""HTTP to the server under examination: replies as they are, failures by their cause.

The HTTP package is loaded with the first request, so that a command can print before it.
"""

import ipaddress
import socket
import ssl
import time
import urllib.parse
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Literal, cast

from serving.doctor.values import JsonObject, as_object, parsed

if TYPE_CHECKING:
    import httpx2

Cause = Literal["dns", "refused", "tls", "plain", "timeout", "protocol", "other"]
MOST_BYTES = 8_000_000
CONNECT_S = 5.0


class Unreachable(Exception):
    """No reply came; `cause` says at which step it failed."""

    def __init__(self, cause: Cause, reason: str) -> None:
        super().__init__(reason)
        self.cause: Cause = cause


@dataclass(frozen=True, slots=True)
class Reply:
    """One reply. Header names are in lower case; `seconds` runs from the request to the last byte."""

    status: int
    headers: Mapping[str, str]
    text: str
    seconds: float

    @property
    def body(self) -> JsonObject:
        """The reply's JSON object, empty where it is none."""
        return as_object(parsed(self.text))

    @property
    def error(self) -> str:
        """The server's own words about a refusal."""
        told = self.body.get("error", self.body.get("detail"))
        message = as_object(told).get("message", told)
        return message if isinstance(message, str) and message else self.text


class Wire:
    """Requests to one server. Redirects are not followed: they would take the key elsewhere."""

    def __init__(self, api_key: str = "", timeout_s: float = 30.0) -> None:
        self._api_key = api_key
        self._timeout_s = timeout_s
        self._local: httpx2.AsyncClient | None = None
        self._other: httpx2.AsyncClient | None = None

    async def __aenter__(self) -> "Wire":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for client in (self._local, self._other):
            if client is not None:
                await client.aclose()

    async def get(self, url: str, *, key: bool = True, timeout_s: float | None = None) -> Reply:
        """GET; raises `Unreachable`."""
        return await self._whole("GET", url, None, key, timeout_s)

    async def post(self, url: str, body: Mapping[str, object], *, timeout_s: float | None = None) -> Reply:
        """POST of a JSON body; raises `Unreachable`."""
        return await self._whole("POST", url, body, True, timeout_s)

    async def lines(self, url: str, body: Mapping[str, object]) -> AsyncGenerator[tuple[float, str]]:
        """Lines of a streamed answer with the seconds since the request; a refusal comes as one line, its body."""
        began = time.monotonic()
        async with self._open("POST", url, body, True, None) as response:
            read = 0
            async for line in response.aiter_lines():
                read += len(line)
                if read > MOST_BYTES:
                    raise Unreachable("protocol", f"the answer is longer than {MOST_BYTES:,} bytes")
                yield time.monotonic() - began, line

    async def _whole(
        self, method: str, url: str, body: Mapping[str, object] | None, key: bool, timeout_s: float | None
    ) -> Reply:
        self._client(url)
        began = time.monotonic()
        async with self._open(method, url, body, key, timeout_s) as response:
            data = bytearray()
            async for piece in response.aiter_bytes():
                data += piece
                if len(data) > MOST_BYTES:
                    break
            headers = {name.lower(): value for name, value in response.headers.items()}
            text = bytes(data).decode("utf-8", "replace")
            return Reply(response.status_code, headers, text, time.monotonic() - began)

    @asynccontextmanager
    async def _open(
        self, method: str, url: str, body: Mapping[str, object] | None, key: bool, timeout_s: float | None
    ) -> AsyncGenerator["httpx2.Response"]:
        import httpx2

        headers = {"Authorization": f"Bearer {self._api_key}"} if key and self._api_key else {}
        limit = httpx2.Timeout(timeout_s or self._timeout_s, connect=CONNECT_S)
        try:
            client = self._client(url)
            async with client.stream(method, url, json=body, headers=headers, timeout=limit) as response:
                yield response
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError, UnicodeError) as error:
            raise Unreachable(*cause_of(error)) from error

    def _client(self, url: str) -> "httpx2.AsyncClient":
        import httpx2

        # A proxy of the environment must not stand between a person and the server on their own machine.
        if is_local(url):
            self._local = self._local or httpx2.AsyncClient(trust_env=False)
            return self._local
        self._other = self._other or httpx2.AsyncClient()
        return self._other


def is_local(url: str) -> bool:
    """Whether the URL's host is this machine."""
    host = urllib.parse.urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def cause_of(error: BaseException) -> tuple[Cause, str]:
    """Which step failed, and the innermost words about it."""
    import httpx2

    chain = list(_chain(error))
    words = next((str(one) for one in reversed(chain) if str(one)), type(error).__name__)
    if isinstance(error, httpx2.TimeoutException):
        return "timeout", words
    for one in chain:
        if isinstance(one, socket.gaierror):
            return "dns", one.strerror or words
        if isinstance(one, ssl.SSLCertVerificationError):
            return "tls", one.verify_message or words
        if isinstance(one, ssl.SSLError):
            return ("plain" if "WRONG_VERSION_NUMBER" in str(one) else "tls"), words
    if any(isinstance(one, ConnectionRefusedError) for one in chain) or "refused" in words.lower():
        return "refused", "connection refused"
    if "name resolution" in words.lower() or "not known" in words.lower():
        return "dns", words
    if "all connection attempts failed" in words.lower():
        return "refused", words
    return ("protocol" if isinstance(error, httpx2.ProtocolError) else "other"), words


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        if isinstance(error, BaseExceptionGroup):
            error = cast("BaseExceptionGroup[BaseException]", error).exceptions[0]
        else:
            error = error.__cause__ or error.__context__
