"""GitHub workflow commands that show the verdict at its places: `::error file=…,line=…,title=…::message`."""

from jobs.triage.untrusted import one_line
from jobs.triage.verdict import Severity, Verdict

_LEVEL = {Severity.CRITICAL: "error", Severity.HIGH: "error", Severity.MEDIUM: "warning", Severity.LOW: "notice"}


def annotations(verdict: Verdict) -> str:
    """One command per suspect, or one without a place. No text of an input can end a command or begin another."""
    level, title = _LEVEL[verdict.severity], _property(f"CI triage: {verdict.category.value}")
    rows: list[str] = []
    for one in verdict.suspects:
        place = f"file={_property(one.path)}" + (f",line={one.line}" if one.line else "")
        rows.append(f"::{level} {place},title={title}::{_message(f'{verdict.summary} ({one.why})')}")
    return "\n".join(rows or [f"::{level} title={title}::{_message(verdict.summary)}"]) + "\n"


def _message(text: str) -> str:
    return one_line(text, 1000).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")
