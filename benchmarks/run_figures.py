"""Launch to first request, time between answers, memory and log size of a headless run, each beside a baseline.

A server process of its own wants a piece of a file printed STEPS times; `qwright run` does so in a warm container. The
baselines are `docker run --rm IMAGE true` for the launch and `docker exec CONTAINER true` for the time between answers.
"""

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from agent.json_types import as_list, as_object, as_text
from agent.log import SessionLog
from benchmarks.table import row

STEPS = 320
IMAGE = os.environ.get("QWRIGHT_TEST_IMAGE", "sandbox-base:bookworm")
QWRIGHT = Path(sys.executable).parent / "qwright"


@dataclass(frozen=True, slots=True)
class Figures:
    launch_s: float
    gap_10_s: float
    gap_300_s: float
    gap_median_s: float
    peak_mb: float
    log_ratio: float


def seconds_of(command: list[str], times: int) -> float:
    spent: list[float] = []
    for _ in range(times):
        started = time.monotonic()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        spent.append(time.monotonic() - started)
    return statistics.median(spent)


def docker_exec_s() -> float:
    container = subprocess.check_output(["docker", "run", "-d", "--rm", IMAGE, "sleep", "600"], text=True).strip()
    try:
        return seconds_of(["docker", "exec", container, "true"], 15)
    finally:
        subprocess.run(["docker", "rm", "-f", container], check=True, stdout=subprocess.DEVNULL)


def small_repository(folder: Path) -> Path:
    repository = folder / "repository"
    repository.mkdir()
    (repository / "calc.py").write_text("def add(a, b):\n    return a - b\n")
    (repository / "text.py").write_text(Path(statistics.__file__).read_text(encoding="utf-8"))
    git = ["git", "-c", "user.name=x", "-c", "user.email=x@example.invalid", "-C", str(repository)]
    subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "add", "-A"], check=True)
    subprocess.run([*git, "commit", "-qm", "start"], check=True)
    return repository


def content_bytes(path: Path) -> int:
    """Bytes of what was said and observed, without any form around it."""
    log = SessionLog.open(path, create=False)
    try:
        total = 0
        for data in (entry.data for entry in log.entries("system", "user", "assistant", "result")):
            total += sum(len(as_text(data.get(key)).encode()) for key in ("text", "reasoning", "content"))
            total += sum(len(as_text(as_object(call).get("arguments"))) for call in as_list(data.get("calls")))
        return total
    finally:
        log.close()


def measure(steps: int = STEPS) -> Figures:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        server = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.scripted_server", str(steps)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert server.stdin is not None
        assert server.stdout is not None
        port = server.stdout.readline().strip()
        environment = {**os.environ, "QWRIGHT_STATE_DIR": str(folder / "state"), "QWRIGHT_CONFIG_DIR": str(folder)}
        command = [str(QWRIGHT), "run", "go on", "--repo", str(small_repository(folder)), "--image", IMAGE]
        command += ["--base-url", f"http://127.0.0.1:{port}/v1", "--output", "json", "--max-steps", "0"]
        started = time.monotonic()
        out = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if out.returncode:
            raise SystemExit(out.stdout + out.stderr)
        peak_kb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        server.stdin.close()
        rows = [json.loads(line) for line in server.stdout]
        server.wait()
        gaps = [after["arrived"] - before["ended"] for before, after in pairwise(rows)]
        log = Path(json.loads(out.stdout)["log_path"])
        return Figures(
            launch_s=rows[0]["arrived"] - started,
            gap_10_s=statistics.median(gaps[5:25]),
            gap_300_s=statistics.median(gaps[steps - 25 : steps - 5]),
            gap_median_s=statistics.median(gaps),
            peak_mb=peak_kb / 1024,
            log_ratio=log.stat().st_size / content_bytes(log),
        )


def main() -> None:
    exec_s, run_s = docker_exec_s(), seconds_of(["docker", "run", "--rm", IMAGE, "true"], 5)
    found = measure()
    early, late = found.gap_10_s, found.gap_300_s
    row("launch to first request", found.launch_s, "s", "bar 1.5 s", found.launch_s / run_s, "docker run true")
    row("answer to request, step 10", early * 1e3, "ms", "bar 15 ms", early / exec_s, "docker exec true")
    row("answer to request, step 300", late * 1e3, "ms", "bar 15 ms, flat", late / early, "step 10")
    row("peak memory of the run", found.peak_mb, "MB", "bar 130 MB")
    row("log file / its content", found.log_ratio, "x", "bar 1.3 x")


if __name__ == "__main__":
    main()
