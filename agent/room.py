"""How long the next prompt is, and what room the server's context leaves for the answer.

A step costs no more to count than what it added. The server counts every prompt (`usage`); of what came since, the
bytes are a bound that needs no tokenizer (Qwen's is byte-level: no token is shorter than a byte). Only when that bound
says that it might be tight is the rest counted, and only when that is close, too, is the server asked to count exactly.
"""

import asyncio

from agent import tokens
from agent.client import ModelRequest
from agent.engine import Engine
from agent.thinking import DIRECT_SAMPLING, StepMode

# An answer shorter than this is not worth asking for.
LEAST_ANSWER_TOKENS = 1024
# The marks behind the last message, and what an estimate may miss.
MARGIN_TOKENS = 64
# The most that is reserved for an answer. 81,920 tokens (Qwen's card: hard problems) fit a third of the native 262,144.
LARGEST_ANSWER_SHARE = 1 / 3
# Estimates were within 2 % of the server's counts; nearer to the limit than this, the server counts.
NEAR_SHARE = 0.05


def answer_room(wanted: int, context: int) -> int:
    """Tokens to keep free for an answer: what is wanted, at most a third of the context.

    On a server of 32,768 tokens a reserve of 32,768 would leave nothing for the prompt.
    """
    return min(wanted, int(context * LARGEST_ANSWER_SHARE)) if context else wanted


def most_prompt_tokens(engine: Engine) -> int:
    """The longest prompt that leaves the reserved room, 0 where the context is unknown."""
    context = engine.context.tokens
    return context - answer_room(engine.settings.answer_tokens, context)


def upper_bound(engine: Engine) -> int:
    """Never below the length of the next prompt, in tokens; costs nothing."""
    transcript = engine.transcript
    uncounted = sum(map(len, transcript.tail)) + (0 if transcript.base else len(engine.toolset.offered))
    return transcript.base + uncounted


def estimate(engine: Engine) -> int:
    """The length of the next prompt: the server's count, and the tokenizer's of what came since."""
    transcript = engine.transcript
    known = transcript.base or tokens.count_tools(engine.toolset.offered)
    return known + sum(map(tokens.count_message, transcript.tail))


async def measure(engine: Engine, room: int) -> int:
    """The length of the next prompt, as exactly as needed to say whether `room` more tokens fit behind it."""
    context = engine.context.tokens
    bound = upper_bound(engine)
    if bound + room <= context or not context:
        return bound
    if engine.transcript.base or tokens.is_loaded():
        close = await careful_estimate(engine)
        over = close + room - context
        if over < -context * NEAR_SHARE or (over > context * NEAR_SHARE and not engine.transcript.stale):
            return close
    return await exact(engine)


async def exact(engine: Engine) -> int:
    """What the server counts; the estimate with a margin where it does not."""
    transcript = engine.transcript
    mode = StepMode(thinking=False, budget=0, sampling=DIRECT_SAMPLING, reason="")
    request = ModelRequest(transcript.sent(), engine.toolset.offered, mode, max_tokens=1)
    counted = await engine.client.count(request)
    if counted is not None:
        transcript.counted(counted)
        return counted
    return await careful_estimate(engine) + MARGIN_TOKENS


async def careful_estimate(engine: Engine) -> int:
    """`estimate`, without holding up the event loop while the tokenizer is loaded (0.5 s, once)."""
    if not tokens.is_loaded():
        await asyncio.to_thread(tokens.count, "")
    return estimate(engine)


async def crowded(engine: Engine) -> bool:
    """Whether an answer of the reserved length no longer fits, so that room should be made.

    Where little could be made the last time, the conversation first grows before it is tried again.
    """
    context = engine.context.tokens
    reserve = answer_room(engine.settings.answer_tokens, context)
    prompt = await measure(engine, reserve)
    if not context or prompt + reserve <= context:
        return False
    grown = prompt - engine.transcript.after_compaction
    return grown > context * NEAR_SHARE or prompt + LEAST_ANSWER_TOKENS > context


async def full(engine: Engine) -> bool:
    """Whether not even a short answer fits."""
    context = engine.context.tokens
    return bool(context) and await measure(engine, LEAST_ANSWER_TOKENS) + LEAST_ANSWER_TOKENS > context


def most_answer_tokens(engine: Engine) -> int:
    """`max_tokens` of the next request: what is wanted, as far as the context has it."""
    context = engine.context.tokens
    if not context:
        return engine.settings.answer_tokens
    prompt = estimate(engine) if tokens.is_loaded() else upper_bound(engine)
    return max(min(engine.settings.answer_tokens, context - prompt - MARGIN_TOKENS), 1)
