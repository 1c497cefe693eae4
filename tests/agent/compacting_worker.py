"""Runs or resumes a session that has to be compacted, and kills itself at an instant of that, once:
`python -m tests.agent.compacting_worker FOLDER INSTANT`, INSTANT one of none, before, stream, after.

It prints the last prompt that the server got. The server reads off the prompt where the model stands.
"""

import asyncio
import os
import re
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

from agent import events
from tests.agent.served import NOTES, served
from tests.fakes.counting_vllm import Asked, CountingVllm, Said
from tests.fakes.http_server import Reply, Request, Step

STEPS = 16
CONTEXT = 16_384


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def answer(asked: Asked) -> Said:
    """The next step after the newest that the prompt tells of."""
    done = max(map(int, re.findall(r"step=(\d+)", asked.prompt)), default=0)
    if asked.for_summary:
        return Said(f"{NOTES}\nThe last one was step={done}.")
    if done >= STEPS:
        return Said("Done.", (("submit", {}),))
    plan = ", ".join(f"part {done * 200 + part} is looked at" for part in range(130))
    command = f"seq {done} {done + 40}; echo step={done + 1} | tee -a ../ran"
    return Said(f"I go on: {plan}.", (("bash", {"command": command}),), "Go on.")


class Deadly(list[Step]):
    """The pieces of an answer; the process dies in the middle of them."""

    def __iter__(self) -> Iterator[Step]:
        pieces = list(super().__iter__())
        yield from pieces[: len(pieces) // 2]
        yield 0.2
        die()


class Dying(CountingVllm):
    """Kills the process while it streams a summary."""

    def __call__(self, request: Request) -> Reply:
        reply = super().__call__(request)
        summing = request.path != "/tokenize" and self.asked[-1].for_summary
        return Reply(Deadly(reply.steps), reply.status, reply.headers) if summing else reply


async def main(folder: Path, instant: str) -> None:
    vllm = (Dying if instant == "stream" else CountingVllm)(answer, CONTEXT)
    async with served(folder, vllm) as made:
        kept = made.seen.append

        def emit(event: events.Event) -> None:
            kept(event)
            if instant == "before" and isinstance(event, events.CompactionStarted) and event.kind == "summary":
                die()
            if instant == "after" and isinstance(event, events.Compacted) and event.kind == "summary":
                die()

        made.hear(emit)
        begun = made.log.last("user") is not None
        outcome = await (made.session.resume() if begun else made.session.run("Count, please."))
        assert outcome.status == "done", outcome
        steps = [asked for asked in vllm.asked if not asked.for_summary]
        print(steps[-1].prompt)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
