"""The prefix cache, measured: the same prompt again (A, B, A), and a conversation that grows step by step.

Every prompt begins with a text that no other request holds, so the first is cold. Sizes follow the server's cache
block, which for the hybrid model is some hundreds to some thousands of tokens: shorter prompts are never cached.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from serving.doctor.answer import Answer
from serving.doctor.cache_verdicts import (
    GROWTH,
    Asked,
    growth,
    reuse,
    same_answer,
    turn_cost,
    usage_details,
)
from serving.doctor.finding import Finding, untold
from serving.doctor.metrics import read_metrics
from serving.doctor.server import Messages, Server
from serving.doctor.template import TOOL, step

NAME = "prefix cache"
QUESTION = "Now write the numbers from 1 to 12, separated by commas, and nothing else."
UNKNOWN_BLOCK_PROMPT = 4600
STEPS = 4
STEP_TOKENS = 300
TOKENS_A_LINE = 17


@dataclass(frozen=True, slots=True)
class Pair:
    """A prompt asked cold, and again after another one; `times` in all until it was found."""

    cold: Answer
    other: Answer
    warm: Answer
    hits: float | None
    times: int = 2


async def cache(server: Server) -> Sequence[Finding]:
    """A, B, A."""
    metrics = server.metrics
    tokens = prompt_tokens(metrics.block_tokens if metrics is not None else None)
    if server.context and tokens + 2 * STEPS * STEP_TOKENS > server.context:
        return [untold(NAME, f"the context is too short for a probe of {tokens:,} tokens")]
    start = _start(server, "a", tokens)
    pair = await _pair(server, start, _start(server, "b", 100))
    for answer in (pair.cold, pair.other, pair.warm):
        if answer.refused:
            return [untold(NAME, f"the server refused the probe (HTTP {answer.status}): {answer.error[:120]}")]
    cold, warm = asked(pair.cold), asked(pair.warm)
    if cold.prompt and cold.first_s > 0:
        server.prefill_tps = (cold.prompt - (cold.cached or 0)) / cold.first_s
    found = reuse(cold, warm, pair.hits, metrics, pair.times)
    if found.status == "ok":
        server.grown_from = start, warm
    same = same_answer(pair.cold, pair.warm, metrics is not None and metrics.speculative)
    return [usage_details(warm, server.kind), found, same]


async def growing(server: Server) -> Sequence[Finding]:
    """The conversation of A grows by a few steps with thinking switched on and off."""
    if server.grown_from is None:
        return [Finding(GROWTH, "skip", "not made: it takes a prefix cache that works")]
    start, warm = server.grown_from
    if warm.cached is None:
        return [untold(GROWTH, "the server gives no cached tokens per answer")]
    steps, turn = await grow(server, start, warm)
    found = growth(steps, server.prefill_tps, server.metrics)
    return [found] if turn is None else [found, turn_cost(steps[-1], turn, server.prefill_tps)]


def prompt_tokens(block: int | None) -> int:
    """Tokens of the probe's prompt: more than two cache blocks."""
    return UNKNOWN_BLOCK_PROMPT if block is None else max(2 * block + 200, 600)


def asked(answer: Answer) -> Asked:
    """The counts of an answer."""
    return Asked(answer.prompt_tokens or 0, answer.cached_tokens, answer.first_s)


def _start(server: Server, name: str, tokens: int) -> Messages:
    lines = [f"{server.nonce}{name} {number}: granite, river and cloud." for number in range(tokens // TOKENS_A_LINE)]
    text = "\n".join(lines)
    return [
        {"role": "system", "content": f"Probe {server.nonce}{name}.\n{text}"},
        {"role": "user", "content": f"({server.nonce}{name}) {QUESTION}"},
    ]


async def _pair(server: Server, start: Messages, other: Messages) -> Pair:
    cold = await server.stream(start, max_tokens=40, tools=[TOOL], tool_choice="none")
    between = await server.stream(other, max_tokens=1, tools=[TOOL], tool_choice="none")
    before = await _hits(server)
    warm = await server.stream(start, max_tokens=40, tools=[TOOL], tool_choice="none")
    times = 2
    if warm.cached_tokens == 0:
        # The hybrid cache of vLLM 0.32 keeps some prefixes only once they were asked for twice.
        warm = await server.stream(start, max_tokens=40, tools=[TOOL], tool_choice="none")
        times = 3
    after = await _hits(server)
    return Pair(cold, between, warm, None if before is None or after is None else after - before, times)


async def _hits(server: Server) -> float | None:
    """Tokens that the server has taken from its cache so far, for all its users."""
    if server.metrics is None:
        return None
    reply = await server.look("/metrics")
    return read_metrics(reply.text).sums.get("vllm:prefix_cache_hits_total") if reply is not None else None


async def grow(server: Server, start: Messages, before: Asked) -> tuple[Sequence[Asked], Asked | None]:
    """The counts of the conversation's prompts, the first being the one before it grew; then of a new request."""
    counts = [before]
    messages = list(start)
    text = "\n".join(f"result {number}: {server.nonce} was written." for number in range(STEP_TOKENS // 16))
    for number in range(STEPS):
        # The history of a step is written the way its own prompt ended: with a thought, or with an empty one.
        said, result = step(number, f"Thought {number}: go on." if number % 2 else "", '{"word": "blue"}')
        messages += [said, {**result, "content": text}]
        answer = await _counted(server, messages, thinking=number % 2 == 0)
        if answer is None:
            return counts, None
        counts.append(answer)
    thought = "All is written."
    said = {"role": "assistant", "content": "Done.", "reasoning": thought, "reasoning_content": thought}
    again = [*messages, said, {"role": "user", "content": "And now green."}]
    return counts, await _counted(server, again, thinking=True)


async def _counted(server: Server, messages: Messages, *, thinking: bool) -> Asked | None:
    kwargs = {"enable_thinking": thinking, **({"preserve_thinking": True} if server.wanted.preserve_thinking else {})}
    answer = await server.stream(messages, max_tokens=1, tools=[TOOL], tool_choice="none", chat_template_kwargs=kwargs)
    return None if answer.refused or answer.prompt_tokens is None else asked(answer)
