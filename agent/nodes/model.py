"""One request to the model: asked with patience, shown as it comes, cut when it runs away."""

import asyncio
import time
from contextlib import aclosing
from dataclasses import replace

from langgraph.runtime import Runtime

from agent.client import ModelRequest, TurnComplete
from agent.engine import Engine
from agent.errors import ContextOverflow, EndpointBusy, EndpointUnreachable, StreamBroken
from agent.events import CallNamed, ContentDelta, FaultHandled, ReasoningDelta, StepFinished, StepStarted
from agent.nodes.prepare import prompt_estimate
from agent.nodes.record import Spoken, record, replayed
from agent.runaway import REPEATS, RunawayGuard
from agent.state import GraphState, TurnState
from agent.thinking import DIRECT_SAMPLING, THINKING_SAMPLING, StepMode
from agent.turn import Delta, ModelTurn, Usage

# Waits before asking again when the server is away or busy: about a minute in all, enough for a restart of a proxy.
RETRY_WAITS_S = (0.0, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
LONGEST_WAIT_S = 60.0
TOKEN_MARGIN = 64


async def call_model(state: GraphState, runtime: Runtime[Engine]) -> GraphState:
    """Ask for one answer. Raises the `EndpointError` family when the server cannot give one."""
    engine, turn = runtime.context, state["turn"]
    known = engine.log.last("assistant", "fault")
    if known is not None and known.step == turn.step:
        return {"turn": replayed(turn, known)}
    engine.emit(StepStarted(turn.step, turn.thinking, turn.reason))
    try:
        spoken = await _ask_with_patience(engine, _request(engine, turn))
    except ContextOverflow as error:
        return {"turn": replace(turn, status="limit", summary=f"Stopped: the conversation is full. {error}")}
    await engine.snapshotter.settle()
    turn = record(engine, turn, spoken)
    usage = spoken.turn.usage or Usage()
    engine.emit(StepFinished(turn.step, usage, spoken.first_token_s, spoken.duration_s, spoken.turn.content.strip()))
    return {"turn": turn}


def _request(engine: Engine, turn: TurnState) -> ModelRequest:
    settings = engine.settings
    room = settings.endpoint.context_tokens - prompt_estimate(engine, turn) - TOKEN_MARGIN
    max_tokens = min(settings.answer_tokens, room) if settings.endpoint.context_tokens else settings.answer_tokens
    sampling = THINKING_SAMPLING if turn.thinking else DIRECT_SAMPLING
    return ModelRequest(
        messages=engine.transcript.fragments,
        tools=engine.toolset.offered,
        mode=StepMode(turn.thinking, turn.budget, sampling, turn.reason),
        max_tokens=max(max_tokens, 1),
        force=turn.force,
    )


async def _ask_with_patience(engine: Engine, request: ModelRequest) -> Spoken:
    for wait_s in RETRY_WAITS_S:
        try:
            return await _ask(engine, request)
        except (EndpointBusy, EndpointUnreachable, StreamBroken) as error:
            asked = error.retry_after_s if isinstance(error, EndpointBusy) else None
            pause = min(asked or wait_s, LONGEST_WAIT_S)
            engine.emit(FaultHandled(str(error), f"asking again in {pause:.0f} s" if pause else "asking again"))
            await asyncio.sleep(pause)
    return await _ask(engine, request)


async def _ask(engine: Engine, request: ModelRequest) -> Spoken:
    started = time.monotonic()
    first: float | None = None
    guard = RunawayGuard(request.mode.budget)
    shown: list[Delta] = []
    ended = "length"
    async with aclosing(engine.client.stream(request)) as items:
        async for item in items:
            first = first or time.monotonic()
            if isinstance(item, TurnComplete):
                return Spoken(item.turn, first - started, time.monotonic() - started)
            _show(engine, item)
            shown.append(item)
            if item.kind != "call" and (why := guard.add(item.text, reasoning=item.kind == "reasoning")):
                engine.emit(FaultHandled(why, "closing the stream"))
                ended = "repetition" if why == REPEATS else "length"
                break
    if first is None:
        raise StreamBroken("The server closed the stream before the first word.")
    return Spoken(_cut(shown, ended), first - started, time.monotonic() - started)


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
