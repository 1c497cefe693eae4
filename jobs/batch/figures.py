"""What a run cost, read off its session log."""

from pydantic import BaseModel, ConfigDict

from agent.json_types import as_count, as_object
from agent.log import SessionLog
from agent.thinking.account import account


class Figures(BaseModel):
    """Tokens, steps with and without thinking, and seconds by phase as far as the log has them.

    `model_s` is the time of answers from their first token on, `waiting_s` the time before it (the server's queue and
    its reading of the prompt), `tools_s` that of tool calls (those of one step may overlap), `thought_s` that of
    reasoning, a part of `model_s`. `saved_tokens` and `saved_s` estimate what steps without thinking saved; None where
    there is nothing to estimate from (`agent.thinking.account`).
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    reasoning_tokens: int = 0
    thinking_steps: int = 0
    direct_steps: int = 0
    thought_s: float = 0.0
    saved_tokens: int | None = None
    saved_s: float | None = None
    waiting_s: float = 0.0
    model_s: float = 0.0
    tools_s: float = 0.0
    faults: int = 0

    def __add__(self, other: "Figures") -> "Figures":
        return Figures.model_validate({name: _sum(getattr(self, name), getattr(other, name)) for name in _NAMES})


_NAMES = tuple(Figures.model_fields)


def _sum(one: float | None, other: float | None) -> float | None:
    return other if one is None else one if other is None else round(one + other, 3)


def figures_of(log: SessionLog) -> Figures:
    """The figures of a whole session."""
    counts = dict.fromkeys(("prompt_tokens", "cached_tokens", "completion_tokens", "reasoning_tokens"), 0)
    model_s = tools_s = waiting_s = 0.0
    for entry in log.entries("assistant", "fault", "compaction", "result"):
        lasted = _seconds(entry.data.get("duration_s"))
        if entry.kind == "result":
            tools_s += lasted
            continue
        waited = min(_seconds(entry.data.get("first_token_s")), lasted)
        waiting_s += waited
        model_s += lasted - waited
        spent = as_object(entry.data.get("usage"))
        for key in counts:
            counts[key] += as_count(spent.get(key))
    thought = account(log, 0)
    return Figures(
        **counts,
        thinking_steps=thought.on,
        direct_steps=thought.off,
        thought_s=round(thought.thought_s, 3),
        saved_tokens=thought.saved_tokens,
        saved_s=None if thought.saved_s is None else round(thought.saved_s, 3),
        waiting_s=round(waiting_s, 3),
        model_s=round(model_s, 3),
        tools_s=round(tools_s, 3),
        faults=sum(1 for _ in log.entries("failure")),
    )


def _seconds(value: object) -> float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0.0
