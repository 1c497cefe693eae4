"""What the first prompt of a user's next request costs, by the length of the request before it.

Qwen3.5's chat template drops the reasoning of earlier requests, so the cached prefix ends where that reasoning began;
Qwen3.6's keeps it when the client sets `preserve_thinking`. As a program it prints a table:
`python -m tests.live.new_request [true|false] STEPS...`, with the server of `tests.live.server`.
"""

import asyncio
import sys
import tempfile
import uuid
from dataclasses import dataclass
from pathlib import Path

from agent.cache_meter import CacheMeter, CacheReading
from agent.client import VllmClient
from agent.events import Event
from agent.log import SessionLog
from agent.opening import Parts
from agent.session import open_session
from agent.settings import Endpoint, Settings
from tests.fakes.sandbox import FolderSandbox
from tests.live.cache_turns import Turn, call
from tests.live.server import Vllm, configured
from tools.registry import toolset

MODEL = "Qwen/Qwen3.5-122B-A10B"
THOUGHT = "I weigh what the numbers say, what they leave out, and which of them I should look at next. " * 8


@dataclass(frozen=True, slots=True)
class NewRequest:
    """The prompts around a new request: the first and the last of the one before, its own first and second."""

    first: CacheReading
    last: CacheReading
    asked: CacheReading
    after: CacheReading


def unheard(event: Event) -> None:
    """Drop the event."""
    del event


async def measure(server: Vllm, steps: int, preserve: bool | None, folder: Path) -> NewRequest:
    """A request of `steps` thinking steps, then another one, in one session."""
    names = [f"REQUEST-{uuid.uuid4().hex}" for _ in range(2)]
    work: list[Turn] = [
        {"think": f"{number}. {THOUGHT}", "calls": [call("bash", command=f"seq {number}00 {number}99")]}
        for number in range(1, steps)
    ]
    done: Turn = {"think": THOUGHT, "say": "Done."}
    server.script(names[0], [*work, done])
    server.script(names[1], [work[0] if work else {"calls": [call("bash", command="seq 9")]}, done])
    folder.mkdir(parents=True)
    log = SessionLog.open(folder / "log.sqlite", create=True)
    log.update_meta(id="two-requests")
    endpoint = Endpoint(server.base_url, MODEL, context_tokens=65536, preserve_thinking=preserve)
    client = VllmClient(endpoint, 120.0)
    parts = Parts(FolderSandbox(folder / "tree"), toolset(person=False), client, None, unheard)
    (folder / "tree").mkdir()
    try:
        session = open_session(log, Settings(endpoint, thinking="always"), parts)
        for name in names:
            outcome = await session.run(f"{name}: go on")
            if outcome.status != "done":
                raise RuntimeError(f"the request ended as {outcome.status}: {outcome.summary}")
        readings = list(CacheMeter().readings(log))
    finally:
        await client.close()
        log.close()
        for name in names:
            (server.scripts / f"{name}.json").unlink()
    return NewRequest(readings[0], readings[-3], readings[-2], readings[-1])


async def main(preserve: bool | None, lengths: list[int]) -> None:
    """Print the table."""
    server = configured()
    if server is None:
        raise SystemExit("no vLLM: set QWRIGHT_TEST_VLLM and QWRIGHT_TEST_VLLM_SCRIPTS")
    print(
        "| steps before | last prompt | next request's prompt | cached | computed | its second step: new | computed |"
    )
    print("|---|---|---|---|---|---|---|")
    for steps in lengths:
        with tempfile.TemporaryDirectory() as folder:
            told = await measure(server, steps, preserve, Path(folder) / "session")
        asked, after = told.asked, told.after
        cells = (asked.prompt_tokens, asked.cached_tokens, asked.recomputed_tokens, after.new_tokens)
        row = (steps, told.last.prompt_tokens, *cells, after.recomputed_tokens)
        print(f"| {' | '.join(map(str, row))} |", flush=True)


if __name__ == "__main__":
    kept = {"true": True, "false": False}.get(sys.argv[1]) if len(sys.argv) > 1 else None
    asyncio.run(main(kept, [int(word) for word in sys.argv[1:] if word.isdigit()] or [1, 5, 15, 30]))
