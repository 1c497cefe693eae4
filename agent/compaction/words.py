"""Compactions in words, for every front."""

from agent.events import Compacted, CompactionStarted

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


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"
