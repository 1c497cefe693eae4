"""How a turn or a session used the model server, from its log: cache, waiting, speed."""

import statistics
from dataclasses import asdict, dataclass

from agent.cache_meter import CacheMeter
from agent.json_types import JsonObject, as_count, as_object
from agent.log import SessionLog


@dataclass(frozen=True, slots=True)
class ServerUse:
    """Sums over the requests that the server counted.

    `cached_share`: of all prompt tokens. `recomputed_tokens` and `new_tokens` are compared over those steps whose
    prompt begins with the one before. `first_token_s`: median seconds from request to first word; `output_tokens_s`:
    tokens per second after it. None where nothing can be told.
    """

    prompt_tokens: int = 0
    cached_share: float | None = None
    recomputed_tokens: int | None = None
    new_tokens: int | None = None
    first_token_s: float | None = None
    output_tokens_s: float | None = None

    def as_json(self) -> JsonObject:
        """The object in the JSON result and in `sessions show`."""
        return asdict(self)

    def sentences(self) -> str:
        """One calm line, "" when there is nothing to tell."""
        parts: list[str] = []
        if self.cached_share is not None:
            parts.append(f"{self.cached_share:.0%} of {self.prompt_tokens:,} prompt tokens came from its cache")
        if self.recomputed_tokens is not None:
            parts.append(f"{self.recomputed_tokens:,} were computed for {self.new_tokens:,} new ones")
        if self.first_token_s is not None:
            speed = "" if self.output_tokens_s is None else f", then {self.output_tokens_s:.0f} tokens/s"
            parts.append(f"first word after {self.first_token_s:.1f} s (median){speed}")
        return f"Server: {'; '.join(parts)}." if parts else ""


def server_use(log: SessionLog, after: int = 0) -> ServerUse:
    """The use of the server in the log's entries after an id."""
    readings = list(CacheMeter(read_upto=after).readings(log))
    counted = [(reading, cached) for reading in readings if (cached := reading.cached_tokens) is not None]
    prompt = sum(reading.prompt_tokens for reading, _ in counted)
    compared = [
        (recomputed, new)
        for reading, _ in counted
        if (recomputed := reading.recomputed_tokens) is not None and (new := reading.new_tokens) is not None
    ]
    waits, seconds, tokens = _times(log, after)
    return ServerUse(
        prompt_tokens=sum(reading.prompt_tokens for reading in readings),
        cached_share=round(sum(cached for _, cached in counted) / prompt, 4) if prompt else None,
        recomputed_tokens=sum(recomputed for recomputed, _ in compared) if compared else None,
        new_tokens=sum(new for _, new in compared) if compared else None,
        first_token_s=round(statistics.median(waits), 3) if waits else None,
        output_tokens_s=round(tokens / seconds, 1) if seconds > 0 else None,
    )


def _times(log: SessionLog, after: int) -> tuple[list[float], float, int]:
    """Seconds to each first word, seconds and tokens of all that came after it."""
    waits: list[float] = []
    seconds, tokens = 0.0, 0
    for entry in log.entries("assistant", "fault", after=after):
        first, whole = _seconds(entry.data.get("first_token_s")), _seconds(entry.data.get("duration_s"))
        waits.append(first)
        completion = as_count(as_object(entry.data.get("usage")).get("completion_tokens"))
        if completion > 1 and whole > first:
            seconds += whole - first
            tokens += completion - 1
    return waits, seconds, tokens


def _seconds(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
