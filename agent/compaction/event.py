"""A compaction as an event, again from the log."""

from agent.events import Compacted
from agent.json_types import as_count, as_object, as_text
from agent.log import Entry
from agent.turn import Usage


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
