"""The cache law on a real vLLM: a step recomputes its new tokens and at most 16 more, whatever happens in it.

The server must run with --prefix-match-unit 16; with its defaults the same client recomputes up to 2.5 times the new
tokens (measured on vLLM 0.32). `docs/cache.md` has the table of a run.
"""

import subprocess
import sys
import uuid
from itertools import pairwise
from pathlib import Path

import pytest

from agent.cache_meter import CacheMeter, CacheReading
from agent.json_types import as_list, as_object, as_text
from agent.log import Entry, SessionLog
from tests.live.cache_turns import MARK_OF_SILENCE, SLOW, answers
from tests.live.server import Vllm

pytestmark = [pytest.mark.live, pytest.mark.timeout(420)]
ROOT = Path(__file__).resolve().parent.parent.parent
MATCH_UNIT = 16
STEPS = 50
# What ends the first two processes: a command that runs, and an answer that has begun at this step.
KILLED_IN_AN_ANSWER_OF_STEP = 40


def work(server: Vllm, folder: Path, task: str, *kill_at: str) -> str:
    """Run or resume the session until lines that hold `kill_at` have come one after the other; gives the last line."""
    command = [sys.executable, "-m", "tests.live.cache_worker", server.base_url, str(folder), task]
    wanted, line = list(kill_at), ""
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout is not None
        for line in worker.stdout:
            if wanted and wanted[0] in line:
                wanted.pop(0)
                if not wanted:
                    worker.kill()
                    break
    return line.strip()


def table(log: SessionLog, readings: list[CacheReading]) -> str:
    """The run as a Markdown table."""
    modes = {entry.step: entry.data for entry in log.entries("mode")}
    said = {entry.step: entry for entry in log.entries("assistant", "fault")}
    nudged = {entry.step for entry in log.entries("nudge")}
    lines = ["| step | mode | what | prompt | cached | new | computed | beyond |", "|---|---|---|---|---|---|---|---|"]
    for reading in readings:
        thinking = "think" if modes[reading.step].get("thinking") else "direct"
        what = described(said[reading.step]) + (", nudge" if reading.step in nudged else "")
        new, computed = reading.new_tokens, reading.recomputed_tokens
        beyond = "" if new is None or computed is None else f"{computed - new}"
        cells = (reading.step, thinking, what, reading.prompt_tokens, reading.cached_tokens, new, computed, beyond)
        lines.append(f"| {' | '.join('' if cell is None else str(cell) for cell in cells)} |")
    return "\n".join(lines)


def described(entry: Entry) -> str:
    """The tools of an answer, or its fault."""
    names = [as_text(as_object(each).get("name")) for each in as_list(entry.data.get("calls"))]
    return " + ".join(names) or as_text(entry.data.get("fault")) or as_text(entry.data.get("verdict"))


def check(readings: list[CacheReading], dropped: set[int]) -> None:
    """The law, step by step.

    An empty answer is dropped from the history, and with it the opening of the answer at the end of its prompt: a step
    that follows one is measured against the last prompt whose answer was kept.
    """
    kept = 0
    for reading in readings:
        assert reading.recomputed_tokens is not None, "the server needs --enable-prompt-tokens-details"
        if reading.new_tokens is not None:
            beyond = reading.recomputed_tokens - (reading.prompt_tokens - kept)
            assert beyond <= MATCH_UNIT, (
                f"step {reading.step}: {beyond} beyond {reading.prompt_tokens - kept} new tokens"
            )
        if reading.step not in dropped:
            kept = reading.prompt_tokens


def test_fifty_steps_of_every_kind_recompute_only_what_is_new(vllm: Vllm, tmp_path: Path) -> None:
    name = f"CACHE-{uuid.uuid4().hex}"
    vllm.script(name, answers(STEPS))
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "file.txt").write_text("".join(f"line {number}\n" for number in range(50)))
    task = f"{name}: go through the steps"
    try:
        assert SLOW in work(vllm, tmp_path, task, SLOW)
        assert work(vllm, tmp_path, task, f"STEP {KILLED_IN_AN_ANSWER_OF_STEP}", "WORD") == "WORD"
        assert work(vllm, tmp_path, task) == "DONE done"
    finally:
        (vllm.scripts / f"{name}.json").unlink()
    log = SessionLog.open(tmp_path / "log.sqlite", create=False)
    readings = list(CacheMeter().readings(log))
    shown = table(log, readings)
    (tmp_path / "cache.md").write_text(shown)
    print(shown)
    said = [entry.data for entry in log.entries("assistant", "fault")]
    results = " ".join(as_text(entry.data.get("text")) for entry in log.entries("result"))
    modes = [bool(entry.data.get("thinking")) for entry in log.entries("mode")]
    dropped = {entry.step for entry in log.entries("fault")}
    log.close()
    assert len(readings) >= STEPS
    assert sum(before != after for before, after in pairwise(modes)) >= 8
    assert {"announced", "empty"} <= {as_text(entry.get("fault")) for entry in said}
    assert any(entry.get("rescued") for entry in said)
    assert MARK_OF_SILENCE in results
    check(readings, dropped)
