"""/server as text. Pure."""

from collections.abc import Sequence

from rich.text import Text

from serving.metrics import Between, Snapshot
from tui.conversation.words import seconds
from tui.panels.host import ServerNow
from tui.panels.rows import bar, heading, percent, table

_NOT_TOLD = "not told"
_HEALTH = {
    "well": "It answers /health.",
    "ill": "Its /health says that the engine is dead: restart it.",
    "away": "It does not answer at all now.",
    "untold": "It answers, but has no /health either.",
}


def server_text(now: ServerNow, columns: int) -> Text:
    """What is known of the server at this moment."""
    version = f", vLLM {now.version}" if now.version else ""
    text = heading(f"{now.model} at {now.base_url}{version}").append("\n")
    if now.look.now is None:
        text.append(_without_metrics(now), "yellow")
    else:
        text.append_text(_load(now.look.now, columns))
        text.append_text(_rates(now.look.since, columns))
        text.append_text(_since_start(now.look.now, columns))
    if now.own:
        text.append("\n").append_text(heading("In this session")).append(f"{now.own}\n")
    return text


def _without_metrics(now: ServerNow) -> str:
    root = now.base_url.rstrip("/").removesuffix("/v1")
    return (
        f"{root}/metrics tells nothing. {_HEALTH[now.health]} vLLM has /metrics unless it was started with "
        "--disable-log-stats or stands behind a proxy that lets only /v1 through. Without it there is no queue, KV "
        "use, cache hit rate or throughput to show, and a slow answer cannot be explained.\n"
    )


def _load(now: Snapshot, columns: int) -> Text:
    text = heading("Now").append_text(
        table([("requests running", _count(now.running)), ("requests waiting", _waiting(now))], columns)
    )
    if now.kv_use is None:
        return text.append(f"KV cache in use  {_NOT_TOLD}\n\n")
    text.append(f"KV cache in use  {percent(now.kv_use)}  ")
    return text.append(f"{bar(now.kv_use, max(columns - 30, 5))}\n\n", "yellow" if now.kv_use > 0.9 else "cyan")


def _waiting(now: Snapshot) -> str:
    reasons = ", ".join(f"{reason} {count}" for reason, count in now.waiting_by_reason.items() if count)
    return f"{_count(now.waiting)} ({reasons})" if reasons else _count(now.waiting)


def _rates(since: Between | None, columns: int) -> Text:
    if since is None:
        return heading("Throughput").append("with the next look\n\n", "dim")
    rows = [
        ("prompt tokens/s", _rate(since.prompt_tokens_s)),
        ("generated tokens/s", _rate(since.generation_tokens_s)),
        ("prefix cache hits", "none seen" if since.cache_hit_rate is None else percent(since.cache_hit_rate)),
        ("preempted requests", _count(since.preemptions)),
        *_spread("first token", since.first_token_s),
        *_spread("in the queue", since.queue_s),
    ]
    return heading(f"In the last {seconds(since.seconds)}, all users").append_text(table(rows, columns)).append("\n")


def _since_start(now: Snapshot, columns: int) -> Text:
    hits = now.cache_hits / now.cache_queries if now.cache_queries and now.cache_hits is not None else None
    rows = [
        ("prompt tokens", _many(now.prompt_tokens)),
        ("generated tokens", _many(now.generation_tokens)),
        ("prefix cache hits", _NOT_TOLD if hits is None else percent(hits)),
        ("preempted requests", _many(now.preemptions)),
    ]
    return heading("Since the server's start").append_text(table(rows, columns))


def _spread(name: str, quantiles: tuple[float, float] | None) -> Sequence[tuple[str, str]]:
    if quantiles is None:
        return []
    return [(f"{name}: median, 95 %", f"{seconds(quantiles[0])}, {seconds(quantiles[1])}")]


def _count(value: int | None) -> str:
    return _NOT_TOLD if value is None else f"{value:,}"


def _many(value: float | None) -> str:
    return _NOT_TOLD if value is None else f"{value:,.0f}"


def _rate(value: float | None) -> str:
    return _NOT_TOLD if value is None else f"{value:,.1f}"
