"""Docker's stream of an attached exec: stdout and stderr in one, each piece behind an 8-byte header.

Format: one byte stream number (1 stdout, 2 stderr), three zero bytes, big-endian uint32 length (Docker API, "Attach to
a container", stream format).
"""

import asyncio
import struct

_HEADER = struct.Struct(">BxxxI")
_STDERR = 2
_STDERR_KEPT = 4000
_READ = 1 << 18
_CLOSE_S = 2.0


class DockerStream:
    """Both directions of an attached exec: reads standard output, writes standard input, keeps the end of errors."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._piece = 0
        self._buffer = bytearray()
        self.errors = bytearray()

    async def readexactly(self, n: int, /) -> bytes:
        """Exactly n bytes of standard output; raises `asyncio.IncompleteReadError` at its end."""
        while len(self._buffer) < n:
            if not await self._fill():
                raise asyncio.IncompleteReadError(bytes(self._buffer), n)
        data = bytes(self._buffer[:n])
        del self._buffer[:n]
        return data

    async def read_all(self, most: int) -> bytes:
        """Standard output to its end; raises `ValueError` when that is more than `most` bytes."""
        while await self._fill():
            if len(self._buffer) > most:
                raise ValueError(f"more than {most} bytes arrived")
        data = bytes(self._buffer)
        self._buffer.clear()
        return data

    def write(self, data: bytes, /) -> None:
        """Queue bytes for standard input."""
        if not self._writer.is_closing():
            self._writer.write(data)

    async def drain(self) -> None:
        """Wait until the queue is short."""
        await self._writer.drain()

    def close(self) -> None:
        """Close the connection: the process inside sees the end of its standard input."""
        self._writer.close()

    async def wait_closed(self) -> None:
        """Wait until the connection is closed; what the other side does not take is thrown away."""
        try:
            async with asyncio.timeout(_CLOSE_S):
                await self._writer.wait_closed()
        except TimeoutError:
            self._writer.transport.abort()

    async def _fill(self) -> bool:
        while self._piece == 0:
            try:
                stream, size = _HEADER.unpack(await self._reader.readexactly(_HEADER.size))
            except asyncio.IncompleteReadError:
                return False
            if stream == _STDERR:
                while size > 0:
                    part = await self._reader.readexactly(min(size, _READ))
                    size -= len(part)
                    self.errors += part
                    del self.errors[:-_STDERR_KEPT]
            else:
                self._piece = size
        data = await self._reader.read(min(self._piece, _READ))
        self._piece -= len(data)
        self._buffer += data
        return bool(data)
