"""One recorded run under one policy: the real engine, the real client, a folder for a sandbox."""

import json
import time
import uuid
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from agent import events
from agent.client import VllmClient
from agent.log import SessionLog
from agent.opening import Parts
from agent.session import open_session
from agent.settings import Endpoint, Settings
from agent.thinking import Policy
from agent.thinking.account import Account, account
from benchmarks.thinking.scripts import Recorded, lay_out, turns
from tests.fakes.sandbox import FolderSandbox
from tools.registry import toolset


@dataclass(frozen=True, slots=True)
class Measured:
    """What one run came to.

    `pace` is in tokens a second, between the first and the last of an answer. `lost` is the most that a step recomputed
    beyond its new tokens; step 1 is left out.
    """

    seconds: float
    steps: int
    thinking: Account
    written: int
    prompt: int
    cached: int
    lost: int
    pace: float


async def measure(
    endpoint: Endpoint, scripts: Path, folder: Path, policy: Policy, steps: list[Recorded], seed: str
) -> Measured:
    """Run the script. Raises `SystemExit` when the engine did not come to the script's end."""
    name = f"THINKING-{uuid.uuid4().hex}"
    script = scripts / f"{name}.json"
    tree = folder / name
    tree.mkdir()
    lay_out(tree, seed)
    script.write_text(json.dumps([{"match": name, "turns": turns(steps, seed)}]), encoding="utf-8")
    log = SessionLog.open(folder / f"{name}.sqlite", create=True)
    client = VllmClient(endpoint, 300.0)
    seen: list[events.Event] = []
    try:
        settings = replace(Settings(endpoint), thinking=policy)
        parts = Parts(FolderSandbox(tree, folder), toolset(person=False), client, None, seen.append, instructions=name)
        session = open_session(log, settings, parts)
        began = time.monotonic()
        outcome = await session.run(f"{name}: go through the steps")
        seconds = time.monotonic() - began
        spent = account(log)
    finally:
        await client.close()
        log.close()
        script.unlink()
    if outcome.status != "done" or outcome.steps != len(steps):
        raise SystemExit(f"{policy}: {outcome.status} after {outcome.steps} of {len(steps)} steps: {outcome.summary}")
    answers = [event for event in seen if isinstance(event, events.StepFinished)]
    usages = [answer.usage for answer in answers]
    written = sum(usage.completion_tokens for usage in usages)
    lost = [
        after.prompt_tokens - (after.cached_tokens or 0) - (after.prompt_tokens - before.prompt_tokens)
        for before, after in pairwise(usages)
    ]
    return Measured(
        seconds,
        outcome.steps,
        spent,
        written,
        sum(usage.prompt_tokens for usage in usages[1:]),
        sum(usage.cached_tokens or 0 for usage in usages[1:]),
        max(lost),
        written / sum(answer.duration_s - answer.first_token_s for answer in answers),
    )
