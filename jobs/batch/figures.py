"""What a run cost, read off its session log."""

from pydantic import BaseModel, ConfigDict

from agent.json_types import as_count, as_object
from agent.log import SessionLog
from agent.thinking.account import account


class Figures(BaseModel):
    """Tokens, steps with and without thinking, and seconds by phase as far as the log has them.

    `model_s` is the time of answers, `tools_s` that of tool calls (those of one step may overlap).
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    reasoning_tokens: int = 0
    thinking_steps: int = 0
    direct_steps: int = 0
    model_s: float = 0.0
    tools_s: float = 0.0

    def __add__(self, other: "Figures") -> "Figures":
        return Figures.model_validate(
            {name: getattr(self, name) + getattr(other, name) for name in Figures.model_fields}
        )


def figures_of(log: SessionLog) -> Figures:
    """The figures of a whole session."""
    counts = dict.fromkeys(("prompt_tokens", "cached_tokens", "completion_tokens", "reasoning_tokens"), 0)
    model_s = tools_s = 0.0
    for entry in log.entries("assistant", "fault", "compaction", "result"):
        seconds = entry.data.get("duration_s")
        lasted = float(seconds) if isinstance(seconds, int | float) else 0.0
        if entry.kind == "result":
            tools_s += lasted
            continue
        model_s += lasted
        spent = as_object(entry.data.get("usage"))
        for key in counts:
            counts[key] += as_count(spent.get(key))
    thought = account(log, 0)
    return Figures(
        **counts,
        thinking_steps=thought.on,
        direct_steps=thought.off,
        model_s=round(model_s, 3),
        tools_s=round(tools_s, 3),
    )
