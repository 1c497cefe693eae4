"""How much of each prompt the server took from its cache, and whether that is what an append-only history deserves.

Within one request of a user every prompt begins with the one before it, so a server whose prefix cache works computes
what is new and a few tokens more (16 with vLLM's --prefix-match-unit 16; 1 to 2.5 times the new tokens with the
defaults of vLLM 0.32 and Qwen3.5's hybrid layers, measured; see docs/cache.md).
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from agent.json_types import as_count, as_object
from agent.log import Entry, SessionLog

# Steps over which the server is judged, and what it must waste in them before a person is told.
WINDOW = 5
WASTE = 1.5
LEAST_WASTED_TOKENS = 4_000


@dataclass(frozen=True, slots=True)
class CacheReading:
    """The prompt of one step, in tokens.

    `cached_tokens` is None where the server does not say; `new_tokens` where the prompt before is no beginning of this
    one: at the first step of a user's request, and after room was made.
    """

    step: int
    prompt_tokens: int
    cached_tokens: int | None
    new_tokens: int | None

    @property
    def recomputed_tokens(self) -> int | None:
        """Tokens of the prompt that the server computed."""
        return None if self.cached_tokens is None else max(self.prompt_tokens - self.cached_tokens, 0)

    @property
    def share(self) -> float | None:
        """Share of the prompt that came from the cache, 0 to 1."""
        return None if self.cached_tokens is None else self.cached_tokens / max(self.prompt_tokens, 1)


@dataclass(slots=True)
class CacheMeter:
    """Reads the log as it grows, from its beginning or from the entry after `read_upto`."""

    read_upto: int = 0
    _before: int | None = None
    _window: deque[CacheReading] = field(default_factory=lambda: deque[CacheReading](maxlen=WINDOW))
    _warned: bool = False

    def readings(self, log: SessionLog) -> Iterator[CacheReading]:
        """Those of the steps that were logged since the last call."""
        for entry in log.entries("user", "compaction", "assistant", "fault", after=self.read_upto):
            self.read_upto = entry.id
            if entry.kind in ("user", "compaction"):
                self._before = None
            elif (reading := self._reading(entry)) is not None:
                yield reading

    def latest(self, log: SessionLog) -> CacheReading | None:
        """The reading of the newest step; None when the server did not count it."""
        newest = None
        for reading in self.readings(log):
            newest = reading
            self._window.append(reading)
        last = log.last("assistant", "fault")
        return newest if newest is not None and last is not None and newest.step == last.step else None

    def warning(self) -> str:
        """A sentence, once, when the server recomputed far more than was new over the last steps; else ""."""
        told = [
            (reading.recomputed_tokens, reading.new_tokens)
            for reading in self._window
            if reading.recomputed_tokens is not None and reading.new_tokens is not None
        ]
        recomputed, new = (sum(column) for column in zip(*told, strict=True)) if told else (0, 0)
        wasteful = recomputed >= WASTE * new and recomputed - new >= LEAST_WASTED_TOKENS
        if self._warned or len(told) < WINDOW or not wasteful:
            return ""
        self._warned = True
        return (
            f"Over the last {WINDOW} steps the server recomputed {recomputed:,} tokens for {new:,} new ones; its "
            "prefix cache is off, too coarse or too small. See `qwright doctor`."
        )

    def _reading(self, entry: Entry) -> CacheReading | None:
        usage = as_object(entry.data.get("usage"))
        prompt, cached = as_count(usage.get("prompt_tokens")), usage.get("cached_tokens")
        if not prompt:
            return None
        # A step that is asked again in another mode can be a few tokens shorter than the one before it.
        new = None if self._before is None else max(prompt - self._before, 0)
        self._before = prompt
        return CacheReading(entry.step, prompt, cached if isinstance(cached, int) else None, new)
