"""`qwright sessions compact`: between two runs, with the server and without a sandbox."""

import asyncio
import json
import signal
import subprocess
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from agent.log import SessionLog
from tests.agent.compacting_worker import STEPS, answer
from tests.agent.served import NOTES
from tests.cli.programs import argv, environment, qwright
from tests.fakes.counting_vllm import Asked, CountingVllm, Said
from tests.fakes.http_server import Hang, HttpServer, Reply, Request

pytestmark = pytest.mark.timeout(180)


async def called(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return await asyncio.to_thread(qwright, folder, *arguments)


@asynccontextmanager
async def worked(folder: Path, vllm: CountingVllm) -> AsyncGenerator[HttpServer]:
    """A finished session in this folder, and the server that it was had with."""
    (folder / "repo").mkdir()
    async with HttpServer(vllm) as server:
        ran = await called(
            folder, "run", "Count, please.", "--repo", "repo", "--sandbox", "local", "--base-url", server.url,
            "--answer-tokens", "2048",
        )  # fmt: skip
        assert ran.returncode == 0, ran.stderr
        yield server


async def test_a_session_is_compacted_and_goes_on(tmp_path: Path) -> None:
    vllm = CountingVllm(answer, 65_536)
    async with worked(tmp_path, vllm):
        assert vllm.asked[0].body["max_tokens"] == 2048
        ran = await called(tmp_path, "sessions", "compact", "last", "--focus", "the numbers", "--output", "json")
        assert ran.returncode == 0, ran.stderr
        made = json.loads(ran.stdout)["compacted"]
        # The submit without a change was asked for twice, which is a step of its own.
        assert (made["kind"], made["steps"]) == ("summary", STEPS)
        assert made["after"] < made["before"] / 2
        asked = vllm.asked[-1]
        assert asked.for_summary
        assert "keep in particular: the numbers" in asked.prompt
        # The same tools in front: nearly all of it was known to the server.
        assert asked.tokens - asked.cached < 450
        again = await called(tmp_path, "sessions", "compact", "last")
        assert (again.returncode, again.stdout[:27]) == (0, "There is nothing to leave o")
        shown = await called(tmp_path, "sessions", "show", "last")
        assert f"1 compaction (1 summary): {made['before']:,} → {made['after']:,} tokens" in shown.stdout
        markdown = await called(tmp_path, "sessions", "export", "last", "--format", "markdown")
        assert NOTES.splitlines()[1] in markdown.stdout
        resumed = await called(tmp_path, "resume", "last", "And once more.")
        assert resumed.returncode == 0, resumed.stderr
        assert NOTES.splitlines()[1] in vllm.asked[-1].prompt
        assert f"step={STEPS - 8}" not in vllm.asked[-1].prompt.replace(NOTES, "")


class Stuck(CountingVllm):
    """Never ends a summary."""

    def __call__(self, request: Request) -> Reply:
        reply = super().__call__(request)
        summing = bool(request.body) and request.path != "/tokenize" and self.asked[-1].for_summary
        return Reply([reply.steps[0], Hang], reply.status, reply.headers) if summing else reply


async def test_an_interruption_changes_nothing_and_is_no_empty_result(tmp_path: Path) -> None:
    vllm = Stuck(answer, 65_536)
    async with worked(tmp_path, vllm) as server:
        log = next((tmp_path / "state").glob("sessions/*/log.sqlite"))
        before = log_entries(log)
        known = len(server.requests)
        command = argv("sessions", "compact", "last")
        process = await asyncio.create_subprocess_exec(
            *command, env=environment(tmp_path), cwd=tmp_path, stdout=-1, stderr=-1, start_new_session=True
        )
        async with asyncio.timeout(60):
            while not any(b'"tool_choice": "none"' in request.body for request in server.requests[known:]):
                server.arrived.clear()
                await server.arrived.wait()
            process.send_signal(signal.SIGINT)
            out, err = await process.communicate()
        assert (process.returncode, out) == (130, b"")
        assert b"Interrupted; nothing was left out" in err
        assert b"Traceback" not in err
        assert log_entries(log) == before


def log_entries(path: Path) -> list[str]:
    log = SessionLog.open(path, create=False)
    try:
        return [entry.kind for entry in log.entries()]
    finally:
        log.close()


async def test_what_cannot_be_compacted_is_told(tmp_path: Path) -> None:
    def short(asked: Asked) -> Said:
        del asked
        return Said("Done.", (("submit", {}),))

    async with worked(tmp_path, CountingVllm(short, 65_536)):
        ran = await called(tmp_path, "sessions", "compact", "last")
        assert ran.returncode == 0
        assert "nothing to leave out" in ran.stdout
    away = await called(tmp_path, "sessions", "compact", "last")
    assert away.returncode == 3
    assert "Traceback" not in away.stderr
    unknown = await called(tmp_path, "sessions", "compact", "nobody")
    assert unknown.returncode == 2
