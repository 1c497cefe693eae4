"""Compactions in words, for every front, and again from the log."""

from agent.events import Compacted, CompactionStarted
from agent.json_types import as_count, as_object, as_text
from agent.log import Entry
from agent.turn import Usage

_WHY = {
    "full": "the conversation nears the server's context",
    "overflow": "the server found the prompt too long",
    "asked": "asked for",
}


def started_line(event: CompactionStarted) -> str:
    """Why room is made."""
    return f"making room: {_WHY[event.why]} ({event.before:,} tokens)"


def compacted_line(event: Compacted) -> str:
    """What was left out, from how many tokens to how many, and what a summary cost."""
    parts = [f"{event.before:,} → {event.after:,} tokens", *_left_out(event)]
    if event.problem:
        parts.append(f"no summary: {event.problem.rstrip('.')}")
    if event.usage:
        cached = "" if event.usage.cached_tokens is None else f" ({event.usage.cached_tokens:,} cached)"
        parts.append(
            f"the summary took {event.usage.prompt_tokens:,} tokens in{cached}, {event.usage.completion_tokens:,} out, "
            f"{event.duration_s:.1f} s"
        )
    return f"{'; '.join(parts)}. The log keeps everything."


def _left_out(event: Compacted) -> list[str]:
    done: list[str] = []
    if event.steps:
        how = "summed up by the model" if event.kind == "summary" else "shrunk to a line for each call"
        done.append(f"{_counted(event.steps, 'old step')} {how}")
    if event.results:
        done.append(f"{_counted(event.results, 'old tool result')} masked")
    if event.cut:
        done.append(f"recent tool results shortened to {event.cut:,} characters")
    return done


def compacted_event(entry: Entry) -> Compacted:
    """The event that a log entry of kind "compaction" stands for."""
    data = entry.data
    usage = as_object(data.get("usage"))
    seconds = data.get("duration_s")
    cached = usage.get("cached_tokens")
    spent = Usage(
        as_count(usage.get("prompt_tokens")),
        as_count(usage.get("completion_tokens")),
        as_count(usage.get("reasoning_tokens")),
        cached if isinstance(cached, int) else None,
    )
    return Compacted(
        kind=as_text(data.get("kind")),  # pyright: ignore[reportArgumentType]  # written by the engine
        before=as_count(data.get("before")),
        after=as_count(data.get("after")),
        results=as_count(data.get("results")),
        steps=as_count(data.get("steps")),
        cut=as_count(data.get("shortened")),
        problem=as_text(data.get("problem")),
        usage=spent if usage else None,
        duration_s=float(seconds) if isinstance(seconds, int | float) else 0.0,
    )


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"
