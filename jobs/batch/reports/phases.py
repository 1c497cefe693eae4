"""Seconds by what they went to. Pure."""

from collections.abc import Mapping, Sequence

from agent.json_types import JsonValue
from jobs.batch.figures import Figures
from jobs.batch.store import Status

PHASES: Mapping[str, str] = {
    "model": "answers, from their first token on",
    "waiting": "before the first token (queue, reading of the prompt), and pauses between tries",
    "tools": "tool calls",
    "sandbox": "starting the containers",
    "lost": "tries that the infrastructure ended",
    "harness": "everything else",
}


def sums_of(statuses: Sequence[Status]) -> Figures:
    """The figures of all together."""
    return sum((status.figures for status in statuses), Figures())


def phases(statuses: Sequence[Status]) -> dict[str, JsonValue]:
    """Seconds by what they went to; `harness` is what nothing else accounts for."""
    sums = sums_of(statuses)
    every = sum(status.seconds for status in statuses)
    told = {
        "model": sums.model_s,
        "waiting": sums.waiting_s + sum(status.paused_s for status in statuses),
        "tools": sums.tools_s,
        "sandbox": sum(status.setup_s for status in statuses),
        "lost": sum(status.lost_s for status in statuses),
    }
    harness = max(every - sum(told.values()), 0.0)
    return {name: round(value, 3) for name, value in {"all": every, **told, "harness": harness}.items()}
