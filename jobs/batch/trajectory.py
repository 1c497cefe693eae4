"""The readable trajectory of an instance: Markdown in which what model and tools said cannot pass for headings."""

import re
from collections.abc import Iterator

from agent.log import SessionLog
from jobs.batch.steps import CallShown, SessionShown, StepShown, session_shown

_TICKS = re.compile(r"`{3,}")
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069]")


def trajectory(instance_id: str, log: SessionLog) -> str:
    """The whole session, nothing left out."""
    return "\n".join(_lines(instance_id, session_shown(log))) + "\n"


def _lines(instance_id: str, session: SessionShown) -> Iterator[str]:
    yield f"# {instance_id}"
    yield ""
    yield from fenced(session.task)
    for step in session.steps:
        yield from _step(step)
    yield "## End"
    yield ""
    yield from fenced(session.end or "not ended")


def _step(step: StepShown) -> Iterator[str]:
    mode = "thinking" if step.thinking else "direct"
    yield f"## Step {step.number}: {mode}, {step.completion_tokens:,} tokens, {step.seconds:.1f} s"
    yield ""
    if step.reason:
        yield from _titled("Mode", step.reason)
    for note in step.notes:
        yield from _titled("Note", note)
    if step.reasoning.strip():
        yield from _titled("Reasoning", step.reasoning)
    if step.text.strip():
        yield from _titled("Answer", step.text)
    for call in step.calls:
        yield from _call(call)


def _call(call: CallShown) -> Iterator[str]:
    yield "**Call**"
    yield ""
    yield from fenced("\n".join([call.name, *(f"{name}: {value}" for name, value in call.arguments)]))
    how = "no result" if call.ok is None else "well" if call.ok else "failed"
    yield f"**Result** ({how}, {call.seconds:.2f} s)"
    yield ""
    if call.result:
        yield from fenced(call.result)


def _titled(title: str, text: str) -> Iterator[str]:
    yield f"**{title}**"
    yield ""
    yield from fenced(text)


def fenced(text: str) -> Iterator[str]:
    """A block of code behind a fence that is longer than any in the text; unseen characters are written out."""
    longest = max((len(found[0]) for found in _TICKS.finditer(text)), default=2)
    fence = "`" * (longest + 1)
    yield f"{fence}text"
    yield from _UNSEEN.sub(lambda found: f"\\x{ord(found[0]):02x}", text).rstrip("\n").splitlines()
    yield fence
    yield ""
