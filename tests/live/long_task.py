"""A task of hundreds of steps on a real vLLM whose context holds a few dozen of them.

`python -m tests.live.long_task BASE_URL SCRIPTS [--steps 400]`, SCRIPTS being the folder from which the server reads
what the model says. Start it with `--max-model-len 32768 --prefix-match-unit 16`. The model's next step follows from
the number in the newest tool result, so that no compaction can move its place. Prints each compaction as it is made,
then a table and the sums as Markdown; exit code 1 when the task did not get to its end.
"""

import argparse
import asyncio
import os
import sys
import tempfile
import time
import uuid
from dataclasses import replace
from pathlib import Path

import httpx2

from agent.cache_meter import CacheMeter
from agent.client import VllmClient
from agent.compaction.words import compacted_line
from agent.events import CallFinished, Compacted, Event
from agent.log import SessionLog
from agent.session import Outcome, Parts, open_session
from agent.settings import Endpoint, Settings
from tests.fakes.sandbox import FolderSandbox
from tests.live.cache_turns import Turn, call
from tests.live.server import Vllm
from tools.registry import toolset

ASK = "[harness] The conversation is about to outgrow the context."
NOTES = (
    "Done and decided: the parser is the cause, the lexer is fine; the public names stay as they are.\n"
    "Files: src/parser.py, line 41: `def parse(text: str) -> Tree:` returns too early on empty input.\n"
    "Tests: `pytest tests/test_parser.py`; test_empty fails with AssertionError: None is not Tree.\n"
    "Next: go on with the numbered steps."
)
MATCH_UNIT = 16


def step_turn(number: int, steps: int) -> Turn:
    """Step `number`, told apart by what the step before it printed; its own output names the next one."""
    told = f"GO-ON-WITH-{number:04d}"
    then = f"echo GO-ON-WITH-{number + 1:04d}"
    if number == steps:
        return {"when": {"last_contains": told}, "think": "All is done.", "say": "Done.", "calls": [call("submit")]}
    kinds: list[list[Turn]] = [
        [call("bash", command=f"seq {number * 7} {number * 7 + 150}; {then}")],
        [
            call("str_replace_editor", command="create", path=f"f{number}.py", file_text=f"value = {number}\n" * 6),
            call("bash", command=f"cat f{number}.py; {then}"),
        ],
        [call("search", pattern=f"value = {number - 1}", path="."), call("bash", command=f"seq 90; {then}")],
        [call("bash", command=f"echo 'E   AssertionError: step {number}'; {then}; false")],
    ]
    return {"when": {"last_contains": told}, "think": f"{number}.", "calls": kinds[number % len(kinds)]}


def answers(steps: int) -> list[Turn]:
    """The notes when they are asked for, the numbered steps, and the first one for the request itself."""
    summary: Turn = {"when": {"last_contains": ASK}, "say": NOTES}
    first = {key: value for key, value in step_turn(1, steps).items() if key != "when"}
    return [summary, *(step_turn(number, steps) for number in range(2, steps + 1)), first]


class Watched:
    """Prints each compaction when it is made, and now and then how far the task is."""

    def __init__(self) -> None:
        self.compactions: list[Compacted] = []
        self._calls = 0

    def __call__(self, event: Event) -> None:
        if isinstance(event, Compacted):
            self.compactions.append(event)
            print(compacted_line(event), flush=True)
        elif isinstance(event, CallFinished):
            self._calls += 1
            if self._calls % 50 == 0:
                print(f"{self._calls} calls", flush=True)


def table(watched: Watched, log: SessionLog) -> str:
    """Every compaction, and what its summary took from the server's cache."""
    steps = [entry.step for entry in log.entries("compaction")]
    head = "| before step | kind | tokens before | after | the summary's prompt | of it cached | written | s |"
    lines = [head, "|---|---|---|---|---|---|---|---|"]
    for step, event in zip(steps, watched.compactions, strict=True):
        cells: list[object] = [step, event.kind, event.before, event.after]
        if event.usage:
            used = event.usage
            cells += [used.prompt_tokens, used.cached_tokens, used.completion_tokens, f"{event.duration_s:.1f}"]
        lines.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join(lines)


def sums(outcome: Outcome, log: SessionLog, seconds: float) -> str:
    """The run in a few lines."""
    readings = list(CacheMeter().readings(log))
    grown = [
        reading.recomputed_tokens - reading.new_tokens
        for reading in readings
        if reading.recomputed_tokens is not None and reading.new_tokens is not None
    ]
    prompts = sum(reading.prompt_tokens for reading in readings)
    cached = sum(reading.cached_tokens or 0 for reading in readings)
    refused = sum(entry.data.get("counter") == "context_overflow" for entry in log.entries("failure"))
    failures = sum(1 for _ in log.entries("failure"))
    return (
        f"{outcome.status} after {outcome.steps} steps and {seconds:.0f} s (load {os.getloadavg()[1]:.1f}); prompts "
        f"refused: {refused}; failures in all: {failures}\n"
        f"prompts: {prompts:,} tokens in {len(readings)} steps, the longest "
        f"{max(reading.prompt_tokens for reading in readings):,}; {cached / prompts:.1%} from the cache\n"
        f"steps behind a prompt that they only add to: {len(grown)}, computed beyond their new tokens: "
        f"{max(grown)} at the most, over {MATCH_UNIT} in {sum(beyond > MATCH_UNIT for beyond in grown)}"
    )


async def work(server: Vllm, steps: int, seconds: float, folder: Path) -> bool:
    """Run the task; whether it came to its end."""
    async with httpx2.AsyncClient() as http:
        model = (await http.get(f"{server.base_url}/models")).raise_for_status().json()["data"][0]
    endpoint = Endpoint(server.base_url, model["id"], context_tokens=model["max_model_len"])
    settings = Settings(endpoint)
    settings = replace(settings, limits=replace(settings.limits, steps=steps + 50, seconds=seconds))
    name = f"LONG-{uuid.uuid4().hex}"
    (folder / "tree").mkdir()
    log = SessionLog.open(folder / "log.sqlite", create=True)
    log.update_meta(id=name)
    client, watched = VllmClient(endpoint, 300.0), Watched()
    parts = Parts(FolderSandbox(folder / "tree"), toolset(person=False), client, None, watched)
    server.script(name, answers(steps))
    started = time.monotonic()
    try:
        outcome = await open_session(log, settings, parts).run(f"{name}: make every test of this repository pass.")
        print(table(watched, log))
        print(sums(outcome, log, time.monotonic() - started))
        if outcome.status != "done":
            print(f"{outcome.summary} {outcome.error or ''}")
        return outcome.status == "done" and outcome.steps >= steps
    finally:
        (server.scripts / f"{name}.json").unlink()
        await client.close()
        log.close()


def main() -> int:
    """See the module."""
    parser = argparse.ArgumentParser(prog="python -m tests.live.long_task")
    parser.add_argument("base_url", help="the server's address, ending in /v1")
    parser.add_argument("scripts", type=Path, help="the folder from which it reads what the model says")
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument(
        "--seconds", type=float, default=0.0, help="end it there and tell how far it came (default: no)"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        server = Vllm(options.base_url, options.scripts)
        done = asyncio.run(work(server, options.steps, options.seconds, Path(folder)))
    return 0 if done else 1


if __name__ == "__main__":
    sys.exit(main())
