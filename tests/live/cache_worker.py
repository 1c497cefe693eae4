"""A session against a real server, in a process of its own to be killed.

`python -m tests.live.cache_worker BASE_URL FOLDER TASK` runs or resumes the session in FOLDER and prints one word per
event: STEP n, CALL command, WORD (the answer begins), DONE status.
"""

import asyncio
import sys
from pathlib import Path

from agent import events
from agent.client import VllmClient
from agent.log import SessionLog
from agent.opening import Parts
from agent.session import open_session
from agent.settings import Endpoint, Settings
from tests.fakes.sandbox import FolderSandbox
from tests.live.cache_turns import Probe
from tools.registry import AnyTool, toolset

MODEL = "Qwen/Qwen3.5-122B-A10B"
TOOLS: tuple[AnyTool, ...] = (*toolset(person=False), Probe())


def tell(event: events.Event) -> None:
    """One line per event that the test waits for."""
    match event:
        case events.StepStarted(step=step):
            print(f"STEP {step}", flush=True)
        case events.CallStarted(arguments=arguments):
            print(f"CALL {arguments!r}", flush=True)
        case events.ReasoningDelta() | events.ContentDelta():
            print("WORD", flush=True)
        case _:
            return


async def main(base_url: str, folder: Path, task: str) -> None:
    """Run the task, or go on with it."""
    log = SessionLog.open(folder / "log.sqlite", create=True)
    if not log.meta():
        log.update_meta(id="cache-session")
    endpoint = Endpoint(base_url, MODEL, context_tokens=65536)
    client = VllmClient(endpoint, 120.0)
    session = open_session(log, Settings(endpoint), Parts(FolderSandbox(folder / "tree"), TOOLS, client, None, tell))
    try:
        outcome = await (session.resume() if log.last("user") else session.run(task))
        print(f"DONE {outcome.status}", flush=True)
    finally:
        await client.close()
        log.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2]), sys.argv[3]))
