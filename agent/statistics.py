"""What a turn or a session came to, read off its log: tokens, thinking, edits, calls by tool, time by phase."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from agent.json_types import JsonObject, as_count, as_list, as_object, as_text, parse_object
from agent.log import Entry, SessionLog
from agent.thinking.account import Account, account

EDITOR = "str_replace_editor"
_EDITS = frozenset({"create", "str_replace", "insert"})
# Entries that are also written while nothing runs.
_IDLE = frozenset({"session", "snapshot", "rewind", "redo", "compaction"})


@dataclass(frozen=True, slots=True)
class Spent:
    """Tokens, as the server counted them. `cached` of the prompt's came from its cache, `computed` is the rest."""

    prompt: int = 0
    cached: int = 0
    completion: int = 0
    reasoning: int = 0
    requests: int = 0

    @property
    def computed(self) -> int:
        """Prompt tokens that the server had to compute."""
        return self.prompt - self.cached


@dataclass(frozen=True, slots=True)
class ToolUse:
    """Calls of one tool, how many of them failed, and their seconds in all."""

    name: str
    calls: int
    failed: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Phases:
    """Seconds. `waiting` for the first token, `answering` without the thinking, `person` at questions and cards.

    `total` is the time of the turns from request to end; what no phase explains is the harness's own.
    """

    waiting: float = 0.0
    thinking: float = 0.0
    answering: float = 0.0
    tools: float = 0.0
    compacting: float = 0.0
    person: float = 0.0
    total: float = 0.0

    @property
    def rest(self) -> float:
        """Seconds that no phase explains. Calls that ran side by side can make the phases longer than the total."""
        known = self.waiting + self.thinking + self.answering + self.tools + self.compacting + self.person
        return max(self.total - known, 0.0)


@dataclass(frozen=True, slots=True)
class Statistics:
    """All of it. `edits` and `edits_failed` count calls that were to change a file; `faults` failures survived."""

    spent: Spent = field(default_factory=Spent)
    thinking: Account = field(default_factory=Account)
    edits: int = 0
    edits_failed: int = 0
    tools: Sequence[ToolUse] = ()
    phases: Phases = field(default_factory=Phases)
    faults: Mapping[str, int] = field(default_factory=dict[str, int])


def statistics(log: SessionLog, after: int = 0) -> Statistics:
    """Of the entries from this one on: what was taken back was spent all the same, and counts."""
    entries = list(log.entries(after=max(after - 1, 0)))
    results = [entry.data for entry in entries if entry.kind == "result"]
    edits = _edit_ids(entries)
    edited = [bool(result.get("ok")) for result in results if result.get("call_id") in edits]
    faults = Counter(as_text(entry.data.get("counter")) for entry in entries if entry.kind == "failure")
    return Statistics(
        spent=_spent(entries),
        thinking=account(log, after),
        edits=len(edited),
        edits_failed=edited.count(False),
        tools=_tools(results),
        phases=_phases(entries),
        faults=dict(faults.most_common()),
    )


def last_turn(log: SessionLog) -> int:
    """Where the last turn that stands begins: the id of its request, 0 before any."""
    entry = log.last_standing("user")
    return entry.id if entry else 0


def _spent(entries: Iterable[Entry]) -> Spent:
    usages = [
        as_object(entry.data.get("usage")) for entry in entries if entry.kind in ("assistant", "fault", "compaction")
    ]
    usages = [usage for usage in usages if usage]
    keys = ("prompt_tokens", "cached_tokens", "completion_tokens", "reasoning_tokens")
    prompt, cached, completion, reasoning = (sum(as_count(usage.get(key)) for usage in usages) for key in keys)
    return Spent(prompt, cached, completion, reasoning, len(usages))


def _edit_ids(entries: Iterable[Entry]) -> frozenset[str]:
    """Ids of the calls that were to change a file."""
    calls = [
        as_object(call) for entry in entries if entry.kind == "assistant" for call in as_list(entry.data.get("calls"))
    ]
    return frozenset(
        as_text(call.get("id"))
        for call in calls
        if call.get("name") == EDITOR and (parse_object(as_text(call.get("arguments"))) or {}).get("command") in _EDITS
    )


def _tools(results: Sequence[JsonObject]) -> list[ToolUse]:
    """By tool, the most used first."""
    by_name: dict[str, list[JsonObject]] = {}
    for result in results:
        by_name.setdefault(as_text(result.get("tool")), []).append(result)
    uses = [
        ToolUse(
            name, len(rows), sum(not row.get("ok") for row in rows), sum(_seconds(row, "duration_s") for row in rows)
        )
        for name, rows in by_name.items()
    ]
    return sorted(uses, key=lambda use: (-use.calls, use.name))


def _phases(entries: Sequence[Entry]) -> Phases:
    answers = [entry.data for entry in entries if entry.kind in ("assistant", "fault")]
    thinking = sum(_seconds(data, "thought_s") for data in answers)
    waiting = sum(_seconds(data, "first_token_s") for data in answers)
    asked = sum(_seconds(data, "duration_s") for data in answers)
    return Phases(
        waiting=waiting,
        thinking=thinking,
        answering=max(asked - waiting - thinking, 0.0),
        tools=sum(_seconds(entry.data, "duration_s") for entry in entries if entry.kind == "result"),
        compacting=sum(_seconds(entry.data, "duration_s") for entry in entries if entry.kind == "compaction"),
        person=_person(entries),
        total=_total(entries),
    )


def _person(entries: Iterable[Entry]) -> float:
    """From each card to the decision."""
    asked: dict[str, float] = {}
    seconds = 0.0
    for entry in entries:
        call_id = as_text(entry.data.get("call_id"))
        if entry.kind == "approval" and len(entry.data) == 1:
            asked.setdefault(call_id, entry.time)
        elif entry.kind in ("approval", "call") and call_id in asked:
            seconds += max(entry.time - asked.pop(call_id), 0.0)
    return seconds


def _total(entries: Iterable[Entry]) -> float:
    """From each request, or from where an ended turn went on, to its end; the pause between the two is nobody's."""
    began = last = None
    seconds = 0.0
    for entry in entries:
        if entry.kind in _IDLE:
            continue
        if entry.kind == "user" or began is None:
            seconds += last - began if began is not None and last is not None else 0.0
            began = entry.time
        last = entry.time
        if entry.kind == "end":
            seconds += max(last - began, 0.0)
            began = last = None
    return seconds + (last - began if began is not None and last is not None else 0.0)


def _seconds(data: JsonObject, key: str) -> float:
    value = data.get(key)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0.0
