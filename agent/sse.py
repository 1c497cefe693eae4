"""Server-sent events, decoded from bytes cut anywhere.

vLLM sends `data:` lines, ends with `data: [DONE]`, may interleave comments (`--sse-keep-alive-interval`) and may put
an error object in place of a chunk after HTTP 200 (vLLM entrypoints/openai/chat_completion/serving.py).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from agent.json_types import JsonObject, parse_object


@dataclass(frozen=True, slots=True)
class Chunk:
    """One JSON object of the stream."""

    data: JsonObject


@dataclass(frozen=True, slots=True)
class Malformed:
    """A data line that is no JSON object; `text` is its beginning."""

    text: str


@dataclass(frozen=True, slots=True)
class Done:
    """The end mark of the stream."""


SseItem = Chunk | Malformed | Done


@dataclass(slots=True)
class SseDecoder:
    """Feed it bytes as they arrive; it yields each complete item once."""

    _rest: bytearray = field(default_factory=bytearray)

    def feed(self, data: bytes) -> Iterator[SseItem]:
        """Items completed by these bytes. A line counts once its line feed has come."""
        self._rest += data
        while (end := self._rest.find(b"\n")) >= 0:
            line = bytes(self._rest[:end])
            del self._rest[: end + 1]
            if line.startswith(b"data:"):
                yield _item(line[5:].strip())

    def end(self) -> Iterator[SseItem]:
        """What the last line held when the stream ended without a line feed; a line that was cut yields nothing."""
        for item in self.feed(b"\n"):
            if not isinstance(item, Malformed):
                yield item


def _item(payload: bytes) -> SseItem:
    if payload == b"[DONE]":
        return Done()
    value = parse_object(payload)
    return Malformed(payload[:200].decode("utf-8", errors="replace")) if value is None else Chunk(value)
