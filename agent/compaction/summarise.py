"""Asks the model for its summary, with the patience of any step; says in a sentence why there is none."""

import time
from collections.abc import Iterator, Sequence
from contextlib import aclosing
from dataclasses import replace
from functools import partial

from agent import tokens
from agent.client import ModelRequest, TurnComplete
from agent.compaction.summary import Summary, summary_ask, summary_request, summary_tokens, usable
from agent.context import Compaction
from agent.engine import Engine
from agent.errors import AgentError, ContextOverflow, StreamBroken
from agent.nodes.record import Spoken
from agent.nodes.retry import with_patience
from agent.room import MARGIN_TOKENS
from agent.state import TurnState
from agent.transcript import Transcript

# Results that stay whole when the prompt is too long to be summed up as it stands.
RESULTS_WHEN_TIGHT = 2


async def summarise(engine: Engine, turn: TurnState, made: Compaction, before: int, focus: str) -> Summary | str:
    """The model's summary of the prompt, which has `before` tokens; or why there is none."""
    ask = summary_ask(focus)
    context = engine.context.tokens
    most = summary_tokens(context)
    problem = "there is no room to ask for one"
    for history, length in _histories(engine, made, before):
        if context and length + tokens.count_message(ask) + most + MARGIN_TOKENS > context:
            continue
        request = summary_request(history, engine.toolset.offered, ask, most)
        try:
            return _judged(await with_patience(engine, turn, request, partial(single_answer, engine)))
        except ContextOverflow:
            problem = "the server finds the prompt too long to ask for one"
        except AgentError as error:
            return str(error)
    return problem


def _histories(engine: Engine, made: Compaction, before: int) -> Iterator[tuple[Sequence[bytes], int]]:
    """The prompt as the server has it cached, with its length; then the same with nearly all results masked."""
    yield engine.transcript.sent()[: engine.transcript.settled], before
    results = [entry.id for entry in engine.log.standing("result")]
    upto = results[-RESULTS_WHEN_TIGHT - 1] if len(results) > RESULTS_WHEN_TIGHT else 0
    tight = Transcript.from_log(engine.log, replace(made, masked=max(upto, made.masked), entry_id=engine.log.newest()))
    tight.plain, tight.blind = engine.transcript.plain, engine.transcript.blind
    history = tight.sent()[: tight.settled]
    yield history, tokens.count_tools(engine.toolset.offered) + sum(map(tokens.count_message, history))


async def single_answer(engine: Engine, request: ModelRequest) -> Spoken:
    """An answer that becomes no part of the conversation. Raises the `AgentError` family."""
    started = time.monotonic()
    first: float | None = None
    async with aclosing(engine.client.stream(request)) as items:
        async for item in items:
            first = first or time.monotonic()
            if isinstance(item, TurnComplete):
                return Spoken(item.turn, first - started, time.monotonic() - started)
    raise StreamBroken("The server closed the stream before the answer was complete.")


def _judged(spoken: Spoken) -> Summary | str:
    text = usable(spoken.turn)
    return Summary(text, spoken.turn.usage, spoken.duration_s) if text else "the model's answer was no summary"
