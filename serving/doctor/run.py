"""The order of the checks of a server, their time limit, and what becomes of a check that breaks off."""

import asyncio
import time
from collections.abc import AsyncGenerator, Sequence

from serving.doctor.cache import cache, growing
from serving.doctor.extras import images, key, metrics, speed
from serving.doctor.finding import Check, Finding, untold
from serving.doctor.kinds import recognise
from serving.doctor.model import context, model
from serving.doctor.reach import reach
from serving.doctor.server import Server, Wanted
from serving.doctor.template import template
from serving.doctor.thinking import history, thinking
from serving.doctor.tools import calls, forced
from serving.doctor.values import short
from serving.doctor.wire import Unreachable, Wire

CHECKS: Sequence[Check[Server]] = (
    Check("reachable", "asks for the list of models", reach),
    Check("key", "asks again without the key", key),
    Check("server", "asks for the signs of vLLM, llama.cpp, Ollama, SGLang and LiteLLM", recognise),
    Check("model", "looks for the model in the list", model),
    Check("context length", "compares the context with what a session needs", context),
    Check("metrics", "reads /metrics: load, cache settings, speculative decoding", metrics),
    Check("speed", "times one short streamed answer", speed),
    Check("chat template", "renders one conversation at six moments and compares", template),
    Check("thinking", "asks the same question with thinking on and off", thinking),
    Check("reasoning in history", "counts the tokens of a history with reasoning under each field name", history),
    Check("tool calls", "has a tool called, whole and streamed, and looks at the model's own tokens", calls),
    Check("forced tools", "forces a call, and a value that only a grammar can enforce", forced),
    Check("images", "shows a small picture", images),
    Check("prefix cache", "asks A, then B, then A again", cache),
    Check("growing conversation", "lets A grow step by step with thinking on and off, and counts", growing),
)
# Without these the others have nobody to ask.
NEEDED = ("reachable", "model")


async def examine(wanted: Wanted, wire: Wire) -> AsyncGenerator[tuple[Check[Server], Finding]]:
    """Findings as they come, one check after the other so that none distorts another's measure."""
    server = Server(wanted, wire, deadline=time.monotonic() + wanted.budget_s)
    for place, check in enumerate(CHECKS):
        findings = await _run(check, server)
        for finding in findings:
            yield check, finding
        if check.name in NEEDED and any(finding.status == "fail" for finding in findings):
            left = len(CHECKS) - place - 1
            why = f"{left} more checks of the server were not made: they need an answer to ask"
            yield check, Finding("other checks", "skip", why)
            return


async def _run(check: Check[Server], server: Server) -> Sequence[Finding]:
    left = server.left_s()
    if left <= 0:
        return [_late(check.name)]
    try:
        async with asyncio.timeout(left):
            return await check.run(server)
    except TimeoutError:
        return [_late(check.name)]
    except Unreachable as error:
        return [untold(check.name, f"the connection broke ({error.cause}: {short(str(error), 80)})")]


def _late(name: str) -> Finding:
    return Finding(name, "skip", "not made: the time limit was reached", "give it more time with --time-limit")
