"""When the prompt nears the server's context, or was refused as too long: make room, once for this step."""

from dataclasses import replace

from langgraph.runtime import Runtime

from agent.compaction.compact import Why, make_room
from agent.engine import Engine
from agent.json_types import as_count, as_text
from agent.log import Entry
from agent.room import careful_estimate
from agent.state import GraphState, TurnState
from agent.turn import Usage


async def compact(state: GraphState, runtime: Runtime[Engine]) -> GraphState:
    """Make room; where there is nothing to leave out, the turn goes on while anything fits."""
    engine, turn = runtime.context, state["turn"]
    why: Why = "overflow" if turn.verdict == "overflow" else "full"
    compacted = replace(turn, compacted=turn.step)
    newest = engine.log.last("compaction", "user", "assistant", "nudge", "steer", "result")
    if newest is not None and _was_made_here(newest, why, turn):
        return {"turn": compacted}
    refused = max(turn.refused, engine.context.tokens) if why == "overflow" else 0
    event = await make_room(engine, turn, why, refused=refused)
    if event is None and why == "overflow":
        return {"turn": replace(compacted, status="limit", summary=await _too_long(engine, turn))}
    return {"turn": _paid(compacted, event.usage if event else None)}


async def _too_long(engine: Engine, turn: TurnState) -> str:
    """The end of a conversation that nothing can be left out of, with the figures that are known."""
    prompt = f"{turn.refused:,}" if turn.refused else f"about {await careful_estimate(engine):,}"
    return (
        f"Stopped: the prompt has {prompt} tokens, too long for the server, whose context is "
        f"{engine.context.tokens:,}; nothing more can be left out. Begin a new session, or serve the model with a "
        "larger --max-model-len."
    )


def _was_made_here(newest: Entry, why: Why, turn: TurnState) -> bool:
    """Whether the log holds this very compaction: the process ended before the checkpoint was written."""
    told = (newest.step, as_text(newest.data.get("why")), as_count(newest.data.get("attempt")))
    return newest.kind == "compaction" and told == (turn.step, why, turn.overflows)


def _paid(turn: TurnState, usage: Usage | None) -> TurnState:
    if usage is None:
        return turn
    computed = usage.prompt_tokens - (usage.cached_tokens or 0) + usage.completion_tokens
    return replace(turn, spent_tokens=turn.spent_tokens + computed)
