"""The prefix cache, measured: the same prompt again (A, B, A), and a conversation that grows step by step.

Every prompt begins with a text that no other request holds, so the first is cold. Sizes follow the server's cache
block, which for the hybrid model is some hundreds to some thousands of tokens: shorter prompts are never cached.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from serving.doctor.answer import Answer
from serving.doctor.cache_verdicts import Asked, growth, reuse, same_answer, usage_details
from serving.doctor.finding import Finding, untold
from serving.doctor.metrics import read_metrics
from serving.doctor.server import Messages, Server
from serving.doctor.template import TOOL, step

NAME = "prefix cache"
QUESTION = "Now write the numbers from 1 to 12, separated by commas, and nothing else."
UNKNOWN_BLOCK_PROMPT = 4600
STEPS = 4
STEP_TOKENS = 400
TOKENS_A_LINE = 17
MOST_SHARE = 0.12


@dataclass(frozen=True, slots=True)
class Pair:
    """A prompt asked cold and again after another one."""

    cold: Answer
    other: Answer
    warm: Answer
    hits: float | None


async def cache(server: Server) -> Sequence[Finding]:
    """A, B, A; then the conversation of A grows by a few steps with thinking switched on and off."""
    tokens = size(server)
    if isinstance(tokens, Finding):
        return [tokens]
    start = _start(server, "a", tokens)
    pair = await _pair(server, start, _start(server, "b", tokens))
    for answer in (pair.cold, pair.other, pair.warm):
        if answer.refused:
            return [untold(NAME, f"the server refused the probe (HTTP {answer.status}): {answer.error[:120]}")]
    cold, warm = asked(pair.cold), asked(pair.warm)
    if cold.prompt and cold.first_s > 0:
        server.prefill_tps = (cold.prompt - (cold.cached or 0)) / cold.first_s
    metrics = server.metrics
    findings = [usage_details(warm, server.kind), reuse(cold, warm, pair.hits, metrics)]
    findings.append(same_answer(pair.cold, pair.warm, metrics is not None and metrics.speculative))
    if warm.cached is None:
        findings.append(untold("growing conversation", "the server gives no cached tokens per answer"))
    elif findings[1].status == "ok":
        steps = await grow(server, start, warm)
        findings.append(growth(steps, server.prefill_tps, metrics))
    return findings


def size(server: Server) -> int | Finding:
    """Tokens of the probe's prompt, or why there is none."""
    block = server.metrics.block_tokens if server.metrics is not None else None
    wanted = UNKNOWN_BLOCK_PROMPT if block is None else max(2 * block + 200, 1200)
    if server.context and wanted + 2 * STEPS * STEP_TOKENS > server.context:
        return untold(NAME, f"the context is too short for a probe of {wanted:,} tokens")
    total = 2.5 * wanted + STEPS * STEP_TOKENS
    if server.prefill_tps is not None and total / server.prefill_tps > server.left_s():
        why = f"the probe would take {total / server.prefill_tps:.0f} s at {server.prefill_tps:,.0f} prompt tokens/s"
        return untold(NAME, why, "give it more time with --time-limit")
    return wanted


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
    after = await _hits(server)
    return Pair(cold, between, warm, None if before is None or after is None else after - before)


async def _hits(server: Server) -> float | None:
    """Tokens that the server has taken from its cache so far, for all its users."""
    if server.metrics is None:
        return None
    reply = await server.look("/metrics")
    return read_metrics(reply.text).sums.get("vllm:prefix_cache_hits_total") if reply is not None else None


async def grow(server: Server, start: Messages, before: Asked) -> Sequence[Asked]:
    """The counts of the conversation's prompts, the first being the one before it grew."""
    counts = [before]
    messages = list(start)
    text = "\n".join(f"result {number}: {server.nonce} was written." for number in range(STEP_TOKENS // 16))
    for number in range(STEPS):
        # The history of a step is written the way its own prompt ended: with a thought, or with an empty one.
        said, result = step(number, f"Thought {number}: go on." if number % 2 else "", '{"word": "blue"}')
        messages += [said, {**result, "content": text}]
        on = number % 2 == 0
        answer = await server.stream(messages, thinking=on, max_tokens=1, tools=[TOOL], tool_choice="none")
        if answer.refused or answer.prompt_tokens is None:
            break
        counts.append(asked(answer))
    return counts
