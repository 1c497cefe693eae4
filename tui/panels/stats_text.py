"""/stats as text: the last turn beside the whole session. Pure."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from rich.text import Text

from agent.statistics import Statistics, ToolUse
from tui.conversation.words import seconds
from tui.panels.rows import heading, percent, sections

# Side by side the two need this much.
_SIDE_BY_SIDE = 76
_HEADS = ("last turn", "session")
Rows: TypeAlias = Sequence[tuple[str, Callable[[Statistics], str]]]


def stats_text(turn: Statistics, session: Statistics, columns: int) -> Text:
    """Tokens, thinking, edits and tools, time by phase, failures survived; one after the other where it is narrow."""
    parts = [("Tokens", _tokens()), ("Thinking", _thinking(session)), ("Tools", _tools(session)), ("Time", _time())]
    if columns >= _SIDE_BY_SIDE:
        text = _told(parts, (turn, session), columns)
    else:
        text = heading("The last turn").append("\n").append_text(_told(parts, (turn,), columns))
        text.append("\n").append_text(heading("The session")).append("\n").append_text(
            _told(parts, (session,), columns)
        )
    if session.faults:
        told = ", ".join(f"{name} × {count}" for name, count in session.faults.items())
        text.append("\n").append_text(heading("Failures survived in the session")).append(f"{told}\n")
    return text


def _told(parts: Sequence[tuple[str, Rows]], of: Sequence[Statistics], columns: int) -> Text:
    head = [("", *_HEADS)] if len(of) > 1 else []
    tables = [(name, [(label, *(told(it) for it in of)) for label, told in rows]) for name, rows in parts]
    return sections([("", head), *tables] if head else tables, columns)


def _tokens() -> Rows:
    return [
        ("requests", lambda it: f"{it.spent.requests:,}"),
        ("prompt", lambda it: f"{it.spent.prompt:,}"),
        ("  from the cache", _cached),
        ("  computed", lambda it: f"{it.spent.computed:,}"),
        ("completion", lambda it: f"{it.spent.completion:,}"),
        ("  of it reasoning", lambda it: f"{it.spent.reasoning:,}"),
    ]


def _cached(it: Statistics) -> str:
    share = f" ({percent(it.spent.cached / it.spent.prompt)})" if it.spent.prompt else ""
    return f"{it.spent.cached:,}{share}"


def _thinking(session: Statistics) -> Rows:
    return [
        ("thinking steps", lambda it: f"{it.thinking.on:,}"),
        ("direct steps", lambda it: f"{it.thinking.off:,}"),
        ("it cost", lambda it: f"{it.thinking.reasoning_tokens:,} tokens, {seconds(it.thinking.thought_s)}"),
        ("saved (estimate)", _saved),
        *((f"  {reason}", _times(reason)) for reason in session.thinking.reasons),
    ]


def _times(reason: str) -> Callable[[Statistics], str]:
    return lambda it: f"{it.thinking.reasons.get(reason, 0)} ×"


def _saved(it: Statistics) -> str:
    account = it.thinking
    if account.saved_tokens is None:
        return "not known yet"
    time = "" if account.saved_s is None else f", {seconds(account.saved_s)}"
    return f"{account.saved_tokens:,} tokens{time}"


def _tools(session: Statistics) -> Rows:
    return [("edits done", _edits), *((f"  {use.name}", _used(use.name)) for use in session.tools)]


def _edits(it: Statistics) -> str:
    done = it.edits - it.edits_failed
    return f"{done} of {it.edits} ({percent(done / it.edits)})" if it.edits else "none made"


def _used(name: str) -> Callable[[Statistics], str]:
    def told(it: Statistics) -> str:
        use = next((use for use in it.tools if use.name == name), ToolUse(name, 0, 0, 0.0))
        failed = f", {use.failed} failed" if use.failed else ""
        return f"{use.calls:,} ×{failed}, {seconds(use.seconds)}" if use.calls else "–"

    return told


def _time() -> Rows:
    return [
        ("first token", lambda it: _of(it, it.phases.waiting)),
        ("thinking", lambda it: _of(it, it.phases.thinking)),
        ("writing", lambda it: _of(it, it.phases.answering)),
        ("tools", lambda it: _of(it, it.phases.tools)),
        ("making room", lambda it: _of(it, it.phases.compacting)),
        ("waiting for you", lambda it: _of(it, it.phases.person)),
        ("qwright itself", lambda it: _of(it, it.phases.rest)),
        ("in all", lambda it: seconds(it.phases.total)),
    ]


def _of(it: Statistics, part: float) -> str:
    return f"{seconds(part)} ({percent(part / it.phases.total)})" if part and it.phases.total else seconds(part)
