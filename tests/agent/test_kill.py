"""kill -9 at any instant: nothing is lost, nothing runs twice, and the session can be finished."""

import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from agent.log import SessionLog
from agent.transcript import Transcript
from tests.agent.crash_worker import STEPS

ROOT = Path(__file__).resolve().parent.parent.parent


def start(folder: Path) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "tests.agent.crash_worker", str(folder)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def entries(folder: Path) -> list[tuple[int, str]]:
    path = folder / "log.sqlite"
    if not path.exists():
        return []
    log = SessionLog.open(path, create=False)
    found = [(entry.id, entry.kind) for entry in log.entries()]
    log.close()
    return found


@pytest.mark.timeout(180)
def test_killed_again_and_again_it_still_ends_and_runs_each_command_at_most_once(tmp_path: Path) -> None:
    luck = random.Random(7)
    before: list[tuple[int, str]] = []
    kills = 0
    worker = start(tmp_path)
    for _ in range(60):
        began = len(before)
        deadline = time.monotonic() + 30
        target = began + luck.randint(1, 14)
        while worker.poll() is None and len(entries(tmp_path)) < target and time.monotonic() < deadline:
            time.sleep(luck.random() * 0.02)
        if worker.poll() is not None:
            break
        worker.kill()
        worker.communicate()
        kills += 1
        after = entries(tmp_path)
        assert after[: len(before)] == before
        before = after
        worker = start(tmp_path)
    out, _ = worker.communicate(timeout=60)
    # Killed between its last entry and its last word, the session is finished and says so.
    assert out.strip() == "done" or "finished" in out
    assert kills >= 5
    runs = Counter((tmp_path / "tree" / "runs").read_text().split())
    assert max(runs.values()) == 1
    log = SessionLog.open(tmp_path / "log.sqlite", create=False)
    results = Counter(str(entry.data["call_id"]) for entry in log.entries("result"))
    assert len(results) == 2 * STEPS + 1
    assert max(results.values()) == 1
    interrupted = sum("was interrupted" in str(entry.data["text"]) for entry in log.entries("result"))
    assert 2 * STEPS - len(runs) <= interrupted <= kills
    assert len(Transcript.from_log(log).fragments) == 2 + (STEPS + 1) + (2 * STEPS + 1)
    log.close()
