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


async def after_compact(state: GraphState) -> Literal["prepare", "model", "finish"]:
    """A step whose prompt was refused is asked for again as it was decided."""
    turn = state["turn"]
    if turn.status != "running":
        return "finish"
    return "model" if turn.verdict == "overflow" else "prepare"


async def after_model(state: GraphState) -> Literal["compact", "repair", "ask", "act", "finish"]:
    """Where an answer leads."""
    turn = state["turn"]
    if turn.status != "running":
        return "finish"
    match turn.verdict:
        case "overflow":
            return "compact"
        case "fault":
            return "repair"
        case "question":
            return "ask"
        case "calls":
            return "act"
        case _:
            return "finish"


async def after_act(state: GraphState) -> Literal["ask", "prepare", "finish"]:
    """Calls may have stopped before one that needs a person."""
    turn = state["turn"]
    if turn.status != "running":
        return "finish"
    return "ask" if turn.verdict == "question" else "prepare"


async def after_finish(state: GraphState) -> Literal["prepare", "end"]:
    """A turn whose tests failed goes on."""
    return "prepare" if state["turn"].status == "running" else "end"
