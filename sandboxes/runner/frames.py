"""Frames on a byte stream: two big-endian uint32 (length of the JSON, length of the payload), the JSON, the payload."""

import json
import os
import struct
import threading

HEADER = struct.Struct(">II")


class RunnerError(Exception):
    """A refusal with the name of the host's error class and a sentence."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class Request:
    """One request of the host: typed access to its JSON, and its payload."""

    def __init__(self, fields: "dict[str, object]", payload: bytes) -> None:
        self.fields = fields
        self.payload = payload

    def text(self, name: str, default: str = "") -> str:
        """A string field."""
        value = self.fields.get(name)
        return value if isinstance(value, str) else default

    def optional(self, name: str) -> "str | None":
        """A string field that may be absent or null."""
        value = self.fields.get(name)
        return value if isinstance(value, str) else None

    def number(self, name: str, default: float = 0) -> float:
        """A numeric field; absent and null give the default."""
        value = self.fields.get(name)
        return value if isinstance(value, (int, float)) else default

    def texts(self, name: str) -> "list[str]":
        """A list of strings."""
        value = self.fields.get(name)
        return [str(item) for item in value] if isinstance(value, list) else []  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] -- elements are converted here

    def pairs(self, name: str) -> "dict[str, str]":
        """An object with string values."""
        value = self.fields.get(name)
        return {str(k): str(v) for k, v in value.items()} if isinstance(value, dict) else {}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] -- elements are converted here


class Writer:
    """Whole frames onto a descriptor, from any thread."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._lock = threading.Lock()

    def send(self, fields: "dict[str, object]", payload: bytes = b"") -> None:
        """Write one frame. A host that has gone is noticed by the reader of requests, so nothing is raised for it."""
        text = json.dumps(fields).encode("ascii")
        with self._lock:
            try:
                self._write(HEADER.pack(len(text), len(payload)) + text)
                self._write(payload)
            except OSError:
                return

    def _write(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[os.write(self._fd, view) :]


class Decoder:
    """Cuts arriving bytes into requests."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> "list[Request]":
        """Add bytes; give the requests that are now complete."""
        self._buffer += data
        requests: list[Request] = []
        while len(self._buffer) >= HEADER.size:
            text_size, payload_size = HEADER.unpack_from(self._buffer)
            middle = HEADER.size + text_size
            end = middle + payload_size
            if len(self._buffer) < end:
                break
            fields = json.loads(self._buffer[HEADER.size : middle].decode("ascii"))
            requests.append(Request(fields, bytes(self._buffer[middle:end])))
            del self._buffer[:end]
        return requests
