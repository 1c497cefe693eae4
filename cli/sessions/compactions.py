"""Compactions in the figures of a turn or a session."""

from collections import Counter

from agent.compaction.event import compacted_event
from agent.json_types import JsonObject, as_count, as_object
from agent.log import SessionLog
from cli.printing import counted


def compaction_figures(log: SessionLog, after: int) -> JsonObject:
    """The compactions among the log's entries after an id: how many, of which kinds, tokens before and after in sum."""
    made = [compacted_event(entry) for entry in log.entries("compaction", after=after)]
    return {
        "count": len(made),
        "kinds": dict(Counter(event.kind for event in made)),
        "tokens_before": sum(event.before for event in made),
        "tokens_after": sum(event.after for event in made),
    }


def figures_line(figures: JsonObject) -> str:
    """The same as a sentence, "" when there were none."""
    count = as_count(figures.get("count"))
    if not count:
        return ""
    kinds = ", ".join(f"{number} {kind}" for kind, number in as_object(figures.get("kinds")).items())
    before, after = as_count(figures.get("tokens_before")), as_count(figures.get("tokens_after"))
    return f"{counted(count, 'compaction')} ({kinds}): {before:,} → {after:,} tokens in all."
