"""What the counts of the cache's probes mean. Pure.

On vLLM 0.32 with the Qwen3.5 hybrid an append-only client recomputes its new tokens and at most 16 more per step with
`--prefix-match-unit 16`, and up to 2.5 times the new tokens with the server's defaults (measured).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from serving.doctor.answer import Answer
from serving.doctor.finding import Finding, untold
from serving.doctor.metrics import Metrics
from serving.doctor.values import short

DETAILS, REUSE, GROWTH, SAME = "cached-token counts", "prefix cache", "growing conversation", "answers from cache"
TURN_COST = "cost of a new request"
ON_FLAG = "--enable-prefix-caching"
UNIT_FLAG = "--prefix-match-unit 16"
MOST_EXTRA = 32


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: prompt tokens, those from the cache (None: not told), seconds to the first token."""

    prompt: int
    cached: int | None
    first_s: float = 0.0


def usage_details(warm: Asked, kind: str) -> Finding:
    """Does an answer say how much of its prompt came from the cache?"""
    if warm.cached is not None:
        return Finding(DETAILS, "ok", "answers say how much of the prompt came from the cache")
    flag = "--enable-cache-report" if kind == "SGLang" else "--enable-prompt-tokens-details"
    return Finding(DETAILS, "warn", "answers do not say what came from the cache, so its cost stays hidden", flag)


def reuse(cold: Asked, warm: Asked, hits: float | None, metrics: Metrics | None, times: int = 2) -> Finding:
    """The same prompt a second time, with another one in between; a third where the second found nothing."""
    figures = {"prompt_tokens": warm.prompt, "cached_tokens": warm.cached, "hits": hits}
    off = metrics is not None and metrics.cache.get("enable_prefix_caching") == "False"
    cached, source = warm.cached, ""
    if cached is None and hits is not None:
        cached, source = int(hits), " (by /metrics)"
    lost = "every step of a session computes the whole conversation again"
    if off and not cached:
        return Finding(REUSE, "fail", f"is switched off: {lost}", ON_FLAG, figures)
    if cached is None:
        if 0 < warm.first_s < 0.4 * cold.first_s:
            seen = f"seems to work: {warm.first_s:.2f} s to the first token, {cold.first_s:.2f} s without the cache"
            return Finding(REUSE, "ok", seen, figures=figures)
        return untold(REUSE, "the server gives no counts, and the times do not differ enough")
    if cached == 0:
        seen = f"nothing of {warm.prompt:,} tokens was found again: {lost}"
        return Finding(REUSE, "fail", seen, f"{ON_FLAG}, and no --no-enable-prefix-caching", figures)
    late = ", though only when it was asked a third time" if times > 2 else ""
    seen = f"{cached:,} of {warm.prompt:,} tokens of a repeated prompt came from the cache{source}{late}"
    return Finding(REUSE, "ok", seen, figures=figures)


def extra_tokens(steps: Sequence[Asked]) -> list[int]:
    """Per step, tokens that were computed again beyond the new ones."""
    return [
        max(0, after.prompt - (after.cached or 0) - (after.prompt - before.prompt)) for before, after in pairwise(steps)
    ]


def growth(steps: Sequence[Asked], prefill_tps: float | None, metrics: Metrics | None) -> Finding:
    """What each step of a conversation costs beyond what is new in it."""
    extra = extra_tokens(steps)
    if not extra:
        return untold(GROWTH, "the server refused the growing prompt")
    new = [after.prompt - before.prompt for before, after in pairwise(steps)]
    mean = sum(extra) / len(extra)
    seconds = mean / prefill_tps if prefill_tps else None
    figures = {"new_tokens": new, "extra_tokens": extra, "extra_seconds_a_step": seconds}
    if max(extra) <= MOST_EXTRA:
        seen = f"each step computes its new tokens and at most {max(extra)} more"
        return Finding(GROWTH, "ok", seen, figures=figures)
    price = f", about {seconds:.2g} s a step at this server's {prefill_tps:,.0f} tokens/s" if seconds else ""
    seen = (
        f"each step computes {mean:,.0f} tokens more than its {sum(new) / len(new):,.0f} new ones{price} "
        f"(steps: {', '.join(f'+{count:,}' for count in extra)})"
    )
    if metrics is not None and metrics.cache.get("prefix_match_unit", "None") not in ("None", "0"):
        mend = "more room for the cache: fewer sequences at once, --gpu-memory-utilization, --kv-cache-dtype fp8"
        return Finding(GROWTH, "warn", f"{seen}, although the match unit is set", mend, figures)
    return Finding(GROWTH, "warn", seen, f"{UNIT_FLAG} (vLLM 0.32 or newer)", figures)


def turn_cost(before: Asked, turn: Asked, prefill_tps: float | None) -> Finding:
    """What a new request costs after the last step of the one before; a matter of the chat template's design."""
    again = max(0, before.prompt - (turn.cached or 0))
    seconds = again / prefill_tps if prefill_tps else None
    figures = {"prompt_tokens": turn.prompt, "computed_again": again, "seconds": seconds}
    if again <= 2 * MOST_EXTRA:
        return Finding(TURN_COST, "ok", "a new request computes its new tokens and no old ones", figures=figures)
    price = f", {seconds:.2g} s here" if seconds else ""
    seen = f"a new request after a few short steps computed {again:,} of {before.prompt:,} old tokens again{price}"
    return Finding(TURN_COST, "ok", seen, figures=figures)


def same_answer(cold: Answer, warm: Answer, speculative: bool) -> Finding:
    """The same question at temperature 0, computed and from the cache (vLLM #43559: cache and MTP together garble)."""
    first, second = cold.content.strip(), warm.content.strip()
    if first == second:
        if not first:
            return untold(SAME, "the model said nothing to the probe")
        return Finding(SAME, "ok", "the same question gets the same answer with and without the cache")
    mend = "update vLLM; ask again while nobody else uses the server, since rounding can differ under load"
    if speculative:
        mend = "remove --speculative-config: drafted tokens and the prefix cache have garbled answers (vLLM #43559)"
    seen = f"an answer changes when its prompt comes from the cache: {short(first, 40)!r}, then {short(second, 40)!r}"
    return Finding(SAME, "fail" if not second or "\ufffd" in second else "warn", seen, mend)
