"""As much of HTTP/1.1 as a loopback server needs: requests with a length, answers whole or in chunks."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

MOST_BODY_BYTES = 64 << 20


class Unreadable(Exception):
    """A request that cannot be served; `status` is the answer to it."""

    def __init__(self, status: HTTPStatus) -> None:
        super().__init__(status.phrase)
        self.status = status


@dataclass(frozen=True, slots=True)
class Request:
    """One request; header names in lower case, the path without its query."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


async def read_request(reader: asyncio.StreamReader) -> Request | None:
    """The next request of a connection, None when the client has closed it. Raises `Unreadable`."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    except asyncio.LimitOverrunError:
        raise Unreadable(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE) from None
    first, *lines = head.decode("latin-1").rstrip("\r\n").split("\r\n")
    words = first.split(" ")
    if len(words) != 3 or not words[2].startswith("HTTP/1."):
        raise Unreadable(HTTPStatus.BAD_REQUEST)
    pairs = (line.partition(":") for line in lines)
    headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
    body = await _body(reader, headers)
    return None if body is None else Request(words[0], words[1].split("?", 1)[0], headers, body)


async def _body(reader: asyncio.StreamReader, headers: Mapping[str, str]) -> bytes | None:
    if "transfer-encoding" in headers:
        raise Unreadable(HTTPStatus.LENGTH_REQUIRED)
    length = headers.get("content-length", "0")
    if not (length.isascii() and length.isdigit()):
        raise Unreadable(HTTPStatus.BAD_REQUEST)
    if int(length) > MOST_BODY_BYTES:
        raise Unreadable(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    try:
        return await reader.readexactly(int(length))
    except (asyncio.IncompleteReadError, ConnectionError):
        return None


async def send_json(
    writer: asyncio.StreamWriter, body: bytes, status: int = 200, headers: Mapping[str, str] | None = None
) -> None:
    """A whole answer."""
    fields = {"content-type": "application/json", "content-length": str(len(body)), **(headers or {})}
    writer.write(_head(status, fields) + body)
    await writer.drain()


async def start_stream(writer: asyncio.StreamWriter) -> None:
    """Begin an answer of server-sent events."""
    writer.write(_head(200, {"content-type": "text/event-stream; charset=utf-8", "transfer-encoding": "chunked"}))
    await writer.drain()


async def send_chunk(writer: asyncio.StreamWriter, data: bytes) -> None:
    """A piece of a begun answer; an empty one ends it. Raises `ConnectionError` when the client has gone."""
    writer.write(b"%x\r\n" % len(data) + data + b"\r\n")
    await writer.drain()


def _head(status: int, fields: Mapping[str, str]) -> bytes:
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}", *(f"{name}: {value}" for name, value in fields.items())]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")
