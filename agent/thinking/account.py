"""What thinking cost in a session, and what the steps without it saved: read off the session log.

The saving is an estimate, and is called one wherever it is shown. A direct step is taken to have saved what a calm
thinking step of the same session typically thinks: one that took stock or looked over a change, or any under `always`.
First steps and steps after failures think longer; where there are no others there is no estimate.

    saved tokens  = direct steps × median reasoning tokens of the calm thinking steps
    saved seconds = saved tokens ÷ tokens a second (of all answers: completion ÷ (duration − time to first token))
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from statistics import median

from agent.json_types import JsonObject, as_count, as_object, as_text
from agent.log import Entry, SessionLog
from agent.thinking.table import reason_of

_CALM_ROWS = frozenset({"taking_stock", "large_change", "review", "about_to_submit", "always"})


@dataclass(frozen=True, slots=True)
class Account:
    """Steps with and without thought, their reasons, the cost in reasoning tokens and seconds, the estimated saving.

    `saved_tokens` and `saved_s` are None where nothing is known to estimate from; `basis` counts the thinking steps
    that the estimate rests on.
    """

    on: int = 0
    off: int = 0
    reasons: Mapping[str, int] = field(default_factory=dict[str, int])
    reasoning_tokens: int = 0
    thought_s: float = 0.0
    saved_tokens: int | None = None
    saved_s: float | None = None
    basis: int = 0

    def as_json(self) -> JsonObject:
        """The account as programs read it."""
        return {
            "on": self.on,
            "off": self.off,
            "reasons": dict(self.reasons),
            "reasoning_tokens": self.reasoning_tokens,
            "thought_s": round(self.thought_s, 3),
            "estimated_saving": None
            if self.saved_tokens is None
            else {
                "reasoning_tokens": self.saved_tokens,
                "seconds": None if self.saved_s is None else round(self.saved_s, 1),
                "from_steps": self.basis,
            },
            "summary": self.in_words(),
        }

    def in_words(self) -> str:
        """The account on one line."""
        steps = self.on + self.off
        cost = f" ({self.reasoning_tokens:,} tokens, {self.thought_s:.1f} s)" if self.on else ""
        said = f"Thought on {self.on} of {steps} {'step' if steps == 1 else 'steps'}{cost}"
        if not self.off or self.saved_tokens is None:
            return f"{said}."
        seconds = "" if self.saved_s is None else f", {self.saved_s:.1f} s"
        direct = "1 direct step" if self.off == 1 else f"{self.off} direct steps"
        return f"{said}; {direct} saved about {self.saved_tokens:,} tokens{seconds} (estimate)."


@dataclass(slots=True)
class _Step:
    thinking: bool = False
    row: str = ""
    reason: str = ""
    reasoning: int = 0
    completion: int = 0
    thought_s: float = 0.0
    decode_s: float = 0.0
    answered: bool = False
    counts: bool = False


def account(log: SessionLog, after: int = 0) -> Account:
    """The account of the steps that were decided after a log entry; the estimate rests on the whole session."""
    steps: dict[int, _Step] = {}
    for entry in log.entries("mode", "assistant", "fault"):
        step = steps.setdefault(entry.step, _Step())
        if entry.kind == "mode":
            _decided(step, entry, after)
        else:
            _answered(step, entry.data)
    return _account(steps.values())


def _decided(step: _Step, entry: Entry, after: int) -> None:
    """A mode; one that is decided anew on a resume replaces the first."""
    step.thinking = bool(entry.data.get("thinking"))
    step.row = as_text(entry.data.get("row"))
    step.reason = reason_of(step.row, as_text(entry.data.get("reason")))
    step.counts = entry.id > after


def _answered(step: _Step, data: JsonObject) -> None:
    usage = as_object(data.get("usage"))
    step.answered = True
    step.reasoning = as_count(usage.get("reasoning_tokens"))
    step.completion = as_count(usage.get("completion_tokens"))
    step.thought_s = _seconds(data.get("thought_s"))
    step.decode_s = max(_seconds(data.get("duration_s")) - _seconds(data.get("first_token_s")), 0.0)


def _account(steps: Iterable[_Step]) -> Account:
    known = list(steps)
    counted = [step for step in known if step.counts]
    direct = sum(not step.thinking for step in counted)
    thoughts = [step for step in known if step.thinking and step.answered]
    basis = [step for step in thoughts if step.row in _CALM_ROWS]
    saved = round(direct * median(step.reasoning for step in basis)) if basis else None
    decode_s = sum(step.decode_s for step in known)
    rate = sum(step.completion for step in known) / decode_s if decode_s else 0.0
    return Account(
        on=len(counted) - direct,
        off=direct,
        reasons=dict(Counter(step.reason for step in counted)),
        reasoning_tokens=sum(step.reasoning for step in counted),
        thought_s=sum(step.thought_s for step in counted),
        saved_tokens=saved,
        saved_s=saved / rate if saved is not None and rate else None,
        basis=len(basis),
    )


def _seconds(value: object) -> float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0.0
