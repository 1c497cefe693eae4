"""A session log as a list of steps: what the readable trajectory and the inspector show."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from agent.json_types import as_count, as_list, as_object, as_text, parse_object
from agent.log import Entry, SessionLog


@dataclass(slots=True)
class CallShown:
    """A tool call with its result; `ok` None when there is none."""

    name: str
    arguments: tuple[tuple[str, str], ...]
    result: str = ""
    ok: bool | None = None
    seconds: float = 0.0


@dataclass(slots=True)
class StepShown:
    """One request to the model and what came of it. `notes` are faults, remarks and compactions, in order."""

    number: int
    thinking: bool = False
    reason: str = ""
    reasoning: str = ""
    text: str = ""
    calls: list[CallShown] = field(default_factory=list[CallShown])
    notes: list[str] = field(default_factory=list[str])
    completion_tokens: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class SessionShown:
    """The request and its steps; `end` is how it ended, "" when it did not."""

    task: str
    steps: Sequence[StepShown]
    end: str


def session_shown(log: SessionLog) -> SessionShown:
    """Read a whole log, of which rewinds took nothing back."""
    steps: dict[int, StepShown] = {}
    calls: dict[str, CallShown] = {}
    task = end = ""
    for entry in log.standing():
        match entry.kind:
            case "user":
                task = task or as_text(entry.data.get("text"))
            case "end":
                end = f"{as_text(entry.data.get('status'))}: {as_text(entry.data.get('summary'))}".rstrip(": ")
            case "session" | "system" | "snapshot" | "call" | "approval":
                continue
            case _:
                _add(steps.setdefault(entry.step, StepShown(entry.step)), entry, calls)
    return SessionShown(task, list(steps.values()), end)


def _add(step: StepShown, entry: Entry, calls: dict[str, CallShown]) -> None:
    data = entry.data
    match entry.kind:
        case "mode":
            step.thinking, step.reason = bool(data.get("thinking")), as_text(data.get("reason"))
        case "assistant" | "fault":
            step.seconds += _seconds(data.get("duration_s"))
            step.completion_tokens += as_count(as_object(data.get("usage")).get("completion_tokens"))
            step.reasoning, step.text = as_text(data.get("reasoning")), as_text(data.get("content"))
            for given in map(as_object, as_list(data.get("calls"))):
                shown = CallShown(as_text(given.get("name")), _arguments(as_text(given.get("arguments"))))
                calls[as_text(given.get("id"))] = shown
                step.calls.append(shown)
            if entry.kind == "fault":
                step.notes.append("an answer without content, left out of the conversation")
        case "result":
            if shown := calls.get(as_text(data.get("call_id"))):
                shown.result, shown.ok = as_text(data.get("text")), bool(data.get("ok"))
                shown.seconds = _seconds(data.get("duration_s"))
        case "failure":
            step.notes.append(f"{as_text(data.get('what'))} ({as_text(data.get('action'))})")
        case "compaction":
            step.notes.append("older steps were summed up to make room")
        case _:
            step.notes.append(as_text(data.get("text")) or entry.kind)


def _arguments(text: str) -> tuple[tuple[str, str], ...]:
    """Name and value of each; a call that is no JSON object is one value without a name."""
    given = parse_object(text)
    if given is None:
        return (("", text),)
    return tuple((name, value if isinstance(value, str) else repr(value)) for name, value in given.items())


def _seconds(value: object) -> float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0.0
