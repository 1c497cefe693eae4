"""Edges that depend on the state. Pure; coroutines, because LangGraph sends plain functions through a thread."""

from collections.abc import Awaitable, Callable
from typing import Literal, TypeVar

from agent.state import GraphState

Target = TypeVar("Target", bound=str)


def goes_on(target: Target) -> Callable[[GraphState], Awaitable[Target | Literal["finish"]]]:
    """An edge to `target` while the turn runs, to the end otherwise."""

    async def edge(state: GraphState) -> Target | Literal["finish"]:
        return target if state["turn"].status == "running" else "finish"

    return edge


async def after_prepare(state: GraphState) -> Literal["model", "compact", "finish"]:
    """Whether a request can be made, room must be made first, or the turn is over."""
    turn = state["turn"]
    if turn.status != "running":
        return "finish"
    return "compact" if turn.verdict == "full" else "model"


async def after_model(state: GraphState) -> Literal["repair", "compact", "ask", "act", "finish"]:
    """Where an answer leads."""
    turn = state["turn"]
    if turn.status != "running":
        return "finish"
    match turn.verdict:
        case "fault":
            return "repair"
        case "full":
            return "compact"
        case "question":
            return "ask"
        case "calls":
            return "act"
        case _:
            return "finish"
