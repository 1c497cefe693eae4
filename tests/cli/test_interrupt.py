"""Ctrl-C at any moment: exit code 130 or the end that was due anyway, and never a traceback."""

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from cli.demo import material
from cli.demo.recorded import bundled
from cli.demo.server import serving
from tests.cli.programs import argv, environment, qwright

# Slow enough that most of two seconds falls into the turn.
PACE_S = 0.02
TIMES = 20
AT_ONCE = 4


@pytest.fixture
def command(tmp_path: Path) -> Generator[list[str]]:
    repo = str(asyncio.run(material.lay_out(tmp_path)))
    with serving(bundled(), PACE_S) as base_url:
        yield argv("run", material.TASK, "--repo", repo, "--sandbox", "local", "--base-url", base_url)


def interrupted(command: list[str], folder: Path, moments: list[float]) -> list[tuple[float, int, str]]:
    """Run side by side, a Ctrl-C for each process group at its moment; moment, exit code and standard error."""
    with ThreadPoolExecutor(len(moments)) as pool:
        return list(pool.map(partial(one, command, folder), moments))


def one(command: list[str], folder: Path, moment: float) -> tuple[float, int, str]:
    """Moments count from the first line of ours: before it Python sets itself up, and tells of interrupts itself."""
    reader, writer = os.pipe()
    program = f"import os, sys; from cli.main import main; os.write({writer}, b'.'); sys.exit(main())"
    process = subprocess.Popen(
        [sys.executable, "-c", program, *command[3:]],
        env=environment(folder),
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        pass_fds=[writer],
    )
    os.close(writer)
    os.read(reader, 1)
    os.close(reader)
    time.sleep(moment)
    os.killpg(process.pid, signal.SIGINT)
    told = process.communicate(timeout=30)[1]
    return moment, process.returncode, told


@pytest.mark.timeout(180)
def test_at_any_moment_it_ends_cleanly(command: list[str], tmp_path: Path) -> None:
    # At random, so that every run of the suite looks elsewhere; the seed is told when it fails.
    seed = random.randrange(1 << 30)
    moments = [random.Random(seed + number).uniform(0.0, 2.0) for number in range(TIMES)]
    for first in range(0, TIMES, AT_ONCE):
        for moment, code, told in interrupted(command, tmp_path, moments[first : first + AT_ONCE]):
            where = f"seed {seed}, at {moment:.3f} s: exit code {code}\n{told}"
            assert "Traceback" not in told, where
            assert "Exception ignored" not in told, where
            assert "never awaited" not in told, where
            assert code in (130, 0), where


def test_a_session_that_was_interrupted_goes_on(command: list[str], tmp_path: Path) -> None:
    streaming = [*command, "--output", "stream-json"]
    with subprocess.Popen(streaming, env=environment(tmp_path), cwd=tmp_path, stdout=subprocess.PIPE, text=True) as ran:
        assert ran.stdout
        for line in ran.stdout:
            if '"type": "step_started", "step": 2' in line:
                break
        ran.send_signal(signal.SIGINT)
        ran.stdout.read()
        assert ran.wait() == 130
    again = qwright(tmp_path, "resume", "last")
    assert again.returncode == 0, again.stderr
    assert again.stdout.startswith("diff --git")
