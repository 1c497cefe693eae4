"""What a vLLM server is doing, from its `/metrics`: one look, and what happened between two.

Names are those of vLLM 0.32 (vllm/v1/metrics/loggers.py), with the older names that meant the same. Engines behind one
address are added up. What a server does not tell is None; other servers tell nothing, and that is no error.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from serving.histogram import Histogram, summed
from serving.prometheus import Sample, samples

PREFIX = "vllm:"
_RUNNING = ("num_requests_running",)
_WAITING = ("num_requests_waiting",)
_WAITING_BY_REASON = "num_requests_waiting_by_reason"
_KV_USE = ("kv_cache_usage_perc", "gpu_cache_usage_perc")
_CACHE_QUERIES = ("prefix_cache_queries_total", "prefix_cache_queries", "gpu_prefix_cache_queries_total")
_CACHE_HITS = ("prefix_cache_hits_total", "prefix_cache_hits", "gpu_prefix_cache_hits_total")
_PROMPT_TOKENS = ("prompt_tokens_total", "prompt_tokens")
_GENERATION_TOKENS = ("generation_tokens_total", "generation_tokens")
_PREEMPTIONS = ("num_preemptions_total", "num_preemptions")
_TTFT = "time_to_first_token_seconds_bucket"
_QUEUE_TIME = "request_queue_time_seconds_bucket"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One look. Counts of requests and tokens; `kv_use` is a share (0 to 1), of the fullest engine.

    Tokens, cache queries and hits (in tokens), preemptions and both histograms (seconds) count from the server's start.
    """

    at_s: float
    running: int | None = None
    waiting: int | None = None
    waiting_by_reason: Mapping[str, int] = field(default_factory=dict[str, int])
    kv_use: float | None = None
    cache_queries: float | None = None
    cache_hits: float | None = None
    prompt_tokens: float | None = None
    generation_tokens: float | None = None
    preemptions: float | None = None
    first_token_s: Histogram | None = None
    queue_s: Histogram | None = None


@dataclass(frozen=True, slots=True)
class Between:
    """What happened between two looks, `seconds` apart. Rates per second; quantiles (median, 95 %) in seconds."""

    seconds: float
    prompt_tokens_s: float | None
    generation_tokens_s: float | None
    cache_hit_rate: float | None
    preemptions: int | None
    first_token_s: tuple[float, float] | None
    queue_s: tuple[float, float] | None


def parse(text: str, at_s: float) -> Snapshot | None:
    """The snapshot that a page of metrics holds, taken at this moment; None for a page that is not vLLM's."""
    by_name: dict[str, list[Sample]] = {}
    for sample in samples(text):
        # NaN stands for a gauge that was never set.
        if sample.name.startswith(PREFIX) and math.isfinite(sample.value):
            by_name.setdefault(sample.name.removeprefix(PREFIX), []).append(sample)
    if not by_name:
        return None
    reasons: dict[str, int] = {}
    for sample in by_name.get(_WAITING_BY_REASON, ()):
        reason = sample.labels.get("reason", "")
        reasons[reason] = reasons.get(reason, 0) + int(sample.value)
    return Snapshot(
        at_s=at_s,
        running=_count(by_name, _RUNNING),
        waiting=_count(by_name, _WAITING),
        waiting_by_reason=reasons,
        kv_use=_most(by_name, _KV_USE),
        cache_queries=_sum(by_name, _CACHE_QUERIES),
        cache_hits=_sum(by_name, _CACHE_HITS),
        prompt_tokens=_sum(by_name, _PROMPT_TOKENS),
        generation_tokens=_sum(by_name, _GENERATION_TOKENS),
        preemptions=_sum(by_name, _PREEMPTIONS),
        first_token_s=_histogram(by_name, _TTFT),
        queue_s=_histogram(by_name, _QUEUE_TIME),
    )


def between(before: Snapshot, after: Snapshot) -> Between | None:
    """What happened from one look to a later one; None when the server was restarted meanwhile, or no time passed."""
    seconds = after.at_s - before.at_s
    pairs = [
        (before.prompt_tokens, after.prompt_tokens),
        (before.generation_tokens, after.generation_tokens),
        (before.preemptions, after.preemptions),
        (before.cache_queries, after.cache_queries),
        (before.cache_hits, after.cache_hits),
    ]
    if seconds <= 0 or any(old is not None and new is not None and new < old for old, new in pairs):
        return None
    prompt, generation, preemptions, queries, hits = (
        None if old is None or new is None else new - old for old, new in pairs
    )
    return Between(
        seconds=seconds,
        prompt_tokens_s=None if prompt is None else prompt / seconds,
        generation_tokens_s=None if generation is None else generation / seconds,
        cache_hit_rate=hits / queries if queries and hits is not None else None,
        preemptions=None if preemptions is None else int(preemptions),
        first_token_s=_quantiles(before.first_token_s, after.first_token_s),
        queue_s=_quantiles(before.queue_s, after.queue_s),
    )


def _values(by_name: Mapping[str, Sequence[Sample]], names: Sequence[str]) -> list[float]:
    """The values of the first of these names that the page has."""
    for name in names:
        if found := by_name.get(name):
            return [sample.value for sample in found]
    return []


def _sum(by_name: Mapping[str, Sequence[Sample]], names: Sequence[str]) -> float | None:
    found = _values(by_name, names)
    return sum(found) if found else None


def _most(by_name: Mapping[str, Sequence[Sample]], names: Sequence[str]) -> float | None:
    return max(_values(by_name, names), default=None)


def _count(by_name: Mapping[str, Sequence[Sample]], names: Sequence[str]) -> int | None:
    total = _sum(by_name, names)
    return None if total is None else int(total)


def _histogram(by_name: Mapping[str, Sequence[Sample]], name: str) -> Histogram | None:
    return summed((_bound(sample.labels.get("le", "")), sample.value) for sample in by_name.get(name, ()))


def _bound(text: str) -> float:
    try:
        bound = float(text)
    except ValueError:
        return math.inf
    return math.inf if math.isnan(bound) else bound


def _quantiles(before: Histogram | None, after: Histogram | None) -> tuple[float, float] | None:
    if after is None:
        return None
    seen = after if before is None else after.since(before)
    if seen is None:
        return None
    median, high = seen.quantile(0.5), seen.quantile(0.95)
    return None if median is None or high is None else (median, high)
