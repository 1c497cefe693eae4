"""Runs or resumes a session in a process of its own, to be killed: `python -m tests.agent.crash_worker FOLDER`.

The scripted model reads off the prompt where it stands, as a real server does, so it may be asked again after a crash.
"""

import asyncio
import sys
from collections.abc import AsyncGenerator
from pathlib import Path

from agent.client import ModelItem, ModelRequest
from agent.errors import SessionError
from tests.agent.harness import Bench
from tests.fakes.model import ScriptedModel, call, says

STEPS = 8


class Resumable:
    """Answers by the number of answers already in the prompt."""

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelItem, None]:
        number = sum(b'"role":"assistant"' in fragment for fragment in request.messages)
        calls = [call("bash", command=f"echo {number}.{part} >> runs; sleep 0.01") for part in range(2)]
        answer = says(*calls, thought="because " * 20) if number < STEPS else says(call("submit"), text="Done.")
        async for item in ScriptedModel([answer], delay_s=0.002).stream(request):
            yield item

    async def count(self, request: ModelRequest) -> int | None:
        return None

    async def close(self) -> None:
        return


async def main(folder: Path) -> None:
    bench = Bench(folder, ScriptedModel([]))
    bench.model = Resumable()  # type: ignore[assignment]
    session = bench.open()
    began = bench.logs[0].last("user") is not None
    try:
        outcome = await (session.resume() if began else session.run("go"))
        print(outcome.status)
    except SessionError as error:
        print(error)
    bench.close()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
