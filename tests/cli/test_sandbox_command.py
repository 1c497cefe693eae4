"""`qwright sandbox` against no engine, and against a real one."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from cli.sandbox_command import age, cells, table
from sandboxes.container.reap import SandboxRow, list_sandboxes
from sandboxes.container.sandbox import DockerSandbox
from sandboxes.protocol import SandboxSpec
from tests.cli.programs import NO_ENGINE, qwright

# A process that starts a sandbox and dies without a word.
_CRASH = """
import asyncio, os, sys
from sandboxes.container.sandbox import DockerSandbox
from sandboxes.protocol import SandboxSpec
async def main():
    await DockerSandbox(SandboxSpec(image=sys.argv[1], session_id=sys.argv[2])).start()
    os._exit(9)
asyncio.run(main())
"""


@pytest.mark.parametrize("action", [[], ["ls"], ["build"], ["prune"], ["prune", "--all"]])
def test_without_an_engine_it_ends_with_exit_code_4_and_a_remedy(tmp_path: Path, action: list[str]) -> None:
    ran = qwright(tmp_path, "sandbox", *action, **NO_ENGINE)
    assert ran.returncode == 4, ran.stderr
    assert "No Docker engine answers at unix:///nowhere/docker.sock" in ran.stderr
    assert "Traceback" not in ran.stderr
    assert len(ran.stderr.splitlines()) == 1


@pytest.mark.docker
async def test_it_lists_what_runs_and_removes_only_what_a_crash_left(tmp_path: Path, docker_engine: str) -> None:
    running = DockerSandbox(SandboxSpec(image=docker_engine, session_id="test-command-runs"))
    await running.start()
    try:
        command = [sys.executable, "-c", _CRASH, docker_engine, "test-command-crashed"]
        crashed = await asyncio.to_thread(subprocess.run, command, check=False)
        assert crashed.returncode == 9
        listed = await asyncio.to_thread(qwright, tmp_path, "sandbox", "ls")
        row = next(line for line in listed.stdout.splitlines() if "test-command-runs" in line)
        assert row.split()[0] == running.container[:12]
        assert row.endswith("running")
        assert docker_engine in row
        pruned = await asyncio.to_thread(qwright, tmp_path, "sandbox", "prune")
        assert pruned.returncode == 0
        assert "test-command-runs" not in pruned.stdout
        left = {row.session_id for row in await list_sandboxes()}
        assert "test-command-runs" in left
        assert "test-command-crashed" not in left
    finally:
        await running.close()


@pytest.mark.parametrize(("lives", "word"), [(True, "running"), (False, "gone"), (None, "elsewhere")])
def test_a_row_tells_whether_the_owner_lives(lives: bool | None, word: str) -> None:
    row = SandboxRow("0123456789abcdef", "qwright-x", "", "a\x1b[2Jb", "running", 940, lives)
    assert cells(row, now=1000.0) == ("0123456789ab", "-", "a\\x1b[2Jb", "running", "1 min", word)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-3, "0 s"), (59.9, "59 s"), (60, "1 min"), (3599, "59 min"), (3600, "1 h"), (86400 * 3, "3 d")],
)
def test_ages(seconds: float, text: str) -> None:
    assert age(seconds) == text


def test_a_table_has_straight_columns_and_no_blanks_at_line_ends() -> None:
    assert table([("A", "LONG", "C"), ("aaa", "b", "")]) == "A    LONG  C\naaa  b"
