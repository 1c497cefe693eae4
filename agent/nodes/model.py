"""One request to the model: asked with patience, shown as it comes, cut when it runs away."""

import asyncio
import time
from contextlib import aclosing
from dataclasses import replace
from functools import partial

from langgraph.runtime import Runtime

from agent import tokens
from agent.client import ModelRequest, TurnComplete
from agent.engine import Engine
from agent.errors import ContextOverflow, StreamBroken
from agent.events import CallNamed, ContentDelta, Notice, ReasoningDelta, StepFinished, StepStarted
from agent.failures.accounting import suspicious
from agent.failures.runaway import REPEATS, RunawayGuard
from agent.nodes.prepare import overridden
from agent.nodes.record import Spoken, estimated, record, replayed
from agent.nodes.retry import with_patience
from agent.room import upper_bound
from agent.state import GraphState, TurnState
from agent.step import request_of
from agent.turn import Delta, ModelTurn

# How often room is made for one request that the server finds too long.
MOST_OVERFLOWS = 2


async def call_model(state: GraphState, runtime: Runtime[Engine]) -> GraphState:
    """Ask for one answer. Raises the `EndpointError` family when the server cannot give one."""
    engine, turn = runtime.context, state["turn"]
    known = engine.log.last("assistant", "fault")
    if known is not None and known.step == turn.step:
        return {"turn": replayed(turn, known)}
    turn = overridden(engine, turn)
    engine.emit(StepStarted(turn.step, turn.thinking, turn.reason, turn.budget))
    try:
        spoken = await with_patience(engine, turn, request_of(engine, turn), partial(_ask, engine))
    except ContextOverflow as error:
        return {"turn": _overflown(engine, turn, error)}
    turn = replace(turn, overflows=0)
    await engine.snapshotter.settle()
    if suspicious(spoken.turn):
        # Counting needs the tokenizer, and loading that takes half a second the first time.
        await asyncio.to_thread(tokens.count, "")
    turn = record(engine, turn, spoken)
    engine.emit(_finished(engine, turn, spoken))
    if warning := engine.cache_meter.warning():
        engine.emit(Notice(warning))
    return {"turn": turn}


def _finished(engine: Engine, turn: TurnState, spoken: Spoken) -> StepFinished:
    reading = engine.cache_meter.latest(engine.log)
    return StepFinished(
        step=turn.step,
        usage=spoken.turn.usage or estimated(spoken.turn),
        first_token_s=spoken.first_token_s,
        duration_s=spoken.duration_s,
        text=spoken.turn.content.strip(),
        thought_s=round(spoken.thought_s, 3),
        cached_share=reading.share if reading else None,
        recomputed_tokens=reading.recomputed_tokens if reading else None,
        new_tokens=reading.new_tokens if reading else None,
    )


def _overflown(engine: Engine, turn: TurnState, error: ContextOverflow) -> TurnState:
    """Make room and ask again; end the turn when that has not helped. The refusal teaches the server's limit."""
    if turn.overflows >= MOST_OVERFLOWS:
        return replace(turn, status="limit", summary=f"Stopped: the conversation is full. {error}")
    # Where the server does not count the prompt, it is at least longer than the context.
    prompt = error.prompt_tokens or max(upper_bound(engine), error.context_tokens)
    engine.context.tokens = error.context_tokens or min(engine.context.tokens or prompt, prompt * 9 // 10)
    engine.survived(turn.step, "context_overflow", str(error), "making room and asking again")
    return replace(turn, verdict="overflow", overflows=turn.overflows + 1, refused=error.prompt_tokens)


async def _ask(engine: Engine, request: ModelRequest) -> Spoken:
    started = time.monotonic()
    first: float | None = None
    guard = RunawayGuard(request.mode.budget)
    thought: float | None = None
    shown: list[Delta] = []
    ended = ""
    async with aclosing(engine.client.stream(request)) as items:
        async for item in items:
            first = first or time.monotonic()
            if not (isinstance(item, Delta) and item.kind == "reasoning"):
                thought = thought or time.monotonic()
            if isinstance(item, TurnComplete):
                return _spoken(item.turn, started, first, thought)
            _show(engine, item)
            shown.append(item)
            if item.kind != "call" and (why := guard.add(item.text, reasoning=item.kind == "reasoning")):
                ended = "loop" if why == REPEATS else "budget"
                break
    if first is None:
        raise StreamBroken("The server closed the stream before the first word.")
    return _spoken(_cut(shown, ended), started, first, thought)


def _spoken(turn: ModelTurn, started: float, first: float, thought: float | None) -> Spoken:
    """An answer with its times; `thought` is when the first piece came that was no reasoning."""
    now = time.monotonic()
    reasoned = (thought or now) - first if turn.reasoning else 0.0
    return Spoken(turn, first - started, now - started, reasoned)


def _cut(shown: list[Delta], ended: str) -> ModelTurn:
    """An answer that was stopped from here, as if the server had stopped it."""
    reasoning = "".join(delta.text for delta in shown if delta.kind == "reasoning")
    content = "".join(delta.text for delta in shown if delta.kind == "content")
    return ModelTurn(reasoning, content, (), ended, None)


def _show(engine: Engine, delta: Delta) -> None:
    match delta.kind:
        case "reasoning":
            engine.emit(ReasoningDelta(delta.text))
        case "content":
            engine.emit(ContentDelta(delta.text))
        case "call":
            engine.emit(CallNamed(delta.text))
