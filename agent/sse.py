"""Server-sent events, decoded from bytes cut anywhere.

vLLM sends `data:` lines, ends with `data: [DONE]`, may interleave comments (`--sse-keep-alive-interval`) and may put
an error object in place of a chunk after HTTP 200 (vLLM entrypoints/openai/chat_completion/serving.py).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from agent.json_types import JsonObject, parse_object

LONGEST_LINE = 16 * 1024 * 1024
"""Bytes of a line; a chunk that holds a whole answer of 82,000 tokens has less than 1 MiB."""


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
    _skipping: bool = False

    def feed(self, data: bytes) -> Iterator[SseItem]:
        """Items completed by these bytes. A line counts once its line feed has come; of one longer than `LONGEST_LINE`
        the beginning comes as malformed, and the rest is skipped."""
        # Where the last bytes ended a search has been already: a long line costs no more than its length.
        looked_at = len(self._rest)
        self._rest += data
        while (end := self._rest.find(b"\n", looked_at)) >= 0:
            line = bytes(self._rest[:end])
            del self._rest[: end + 1]
            looked_at = 0
            if self._skipping:
                self._skipping = False
            elif line.startswith(b"data:"):
                yield _item(line[5:].strip())
        if len(self._rest) > LONGEST_LINE:
            if not self._skipping:
                yield Malformed(self._rest[:200].decode("utf-8", errors="replace"))
            self._skipping = True
            self._rest.clear()

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
