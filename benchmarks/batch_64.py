"""64 instances at once: memory, CPU, containers a minute, and how long a model would have waited for the harness.

`python -m benchmarks.batch_64 [--instances N] [--steps N] [--seconds S] [--mini PATH/TO/mini-extra] [--image IMAGE]`.
The instances are of one image in SWE-bench's layout (`/testbed`, a git repository); each answer of the scripted server
takes S seconds. With --mini, mini-swe-agent's batch runner does the same on the same server and image.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from benchmarks.table import row

QWRIGHT = Path(sys.executable).parent / "qwright"
IMAGE = "docker.io/swebench/sweb.eval.x86_64.tinydb_1776_tinydb-4.8.2:latest"
MINI_CONFIG = """\
model:
  model_name: openai/scripted
  cost_tracking: ignore_errors
  model_kwargs: {{api_base: "http://127.0.0.1:{port}/v1", api_key: none}}
environment:
  run_args: ["--rm", "--network", "none"]
agent:
  step_limit: 0
  cost_limit: 0
"""


@dataclass(frozen=True, slots=True)
class Request:
    conversation: int
    arrived: float
    ended: float


@dataclass(frozen=True, slots=True)
class Figures:
    """`idle`: of the time between a conversation's first request and its last answer, what the harness took."""

    instances: int
    steps: int
    wall_s: float
    launch_s: float
    idle: float
    gap_ms: float
    cpu_ms_per_step: float
    peak_mb: float


def figures(requests: Sequence[Request], started: float, used: resource.struct_rusage) -> Figures:
    by_name: dict[int, list[Request]] = defaultdict(list)
    for request in requests:
        by_name[request.conversation].append(request)
    gaps = [after.arrived - before.ended for rows in by_name.values() for before, after in pairwise(rows)]
    whole = sum(rows[-1].ended - rows[0].arrived for rows in by_name.values())
    return Figures(
        instances=len(by_name),
        steps=len(requests),
        wall_s=max(it.ended for it in requests) - started,
        launch_s=max(rows[0].arrived for rows in by_name.values()) - started,
        idle=sum(gaps) / whole,
        gap_ms=sorted(gaps)[len(gaps) // 2] * 1e3,
        cpu_ms_per_step=(used.ru_utime + used.ru_stime) / len(requests) * 1e3,
        peak_mb=used.ru_maxrss / 1024,
    )


def measured(kind: str, options: argparse.Namespace, instances: int, folder: Path) -> Figures:
    """Run one harness over so many instances; its process and the children that it waited for are charged to it."""
    server = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.batch_server", str(options.steps), str(options.seconds)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdin is not None
    assert server.stdout is not None
    port = int(server.stdout.readline())
    rows = write_rows(folder, options.image, instances)
    command = (
        qwright(rows, folder, port, instances) if kind == "qwright" else mini(options.mini, folder, port, instances)
    )
    state = {"QWRIGHT_STATE_DIR": str(folder / "state"), "QWRIGHT_CONFIG_DIR": str(folder), "MSWEA_SILENT_STARTUP": "1"}
    state["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    with (folder / "output").open("wb") as output:
        started = time.monotonic()
        process = subprocess.Popen(command, env={**os.environ, **state}, stdout=output, stderr=output)
        _, code, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(code)
    server.stdin.close()
    # Without a conversation are requests that a harness makes before its first instance, to see what the server can do.
    requests = [it for it in (Request(**json.loads(line)) for line in server.stdout) if it.conversation >= 0]
    server.wait()
    if process.returncode or not requests:
        raise SystemExit(f"{kind} ended with code {process.returncode}:\n" + (folder / "output").read_text()[-3000:])
    return figures(requests, started, used)


def write_rows(folder: Path, image: str, count: int) -> Path:
    head = ["docker", "run", "--rm", "--network", "none", image, "git", "-C", "/testbed", "rev-parse", "HEAD"]
    base = subprocess.check_output(head, text=True).strip()
    (folder / "rows").mkdir(parents=True)
    path = folder / "rows" / "test.jsonl"
    rows = [
        {
            "instance_id": f"bench__bench-{number}",
            "image_name": image,
            "base_commit": base,
            "problem_statement": f"BENCH-{number}: do what the server says.",
        }
        for number in range(count)
    ]
    path.write_text("".join(json.dumps(it) + "\n" for it in rows))
    return path


def qwright(rows: Path, folder: Path, port: int, workers: int) -> list[str]:
    server = ["--base-url", f"http://127.0.0.1:{port}/v1", "--max-steps", "0", "--memory", "512m"]
    return [str(QWRIGHT), "batch", str(rows), "--out", str(folder / "out"), "--workers", str(workers), *server]


def mini(program: str, folder: Path, port: int, workers: int) -> list[str]:
    config = folder / "mini.yaml"
    config.write_text(MINI_CONFIG.format(port=port))
    chosen = ["--subset", str(folder / "rows"), "--split", "test", "-w", str(workers)]
    return [program, "swebench", *chosen, "-c", "swebench.yaml", "-c", str(config), "-o", str(folder / "out")]


def show(kind: str, few: Figures, many: Figures, beside: Figures | None) -> None:
    each = (many.peak_mb - few.peak_mb) / (many.instances - few.instances)

    def ratio(name: str) -> float | None:
        return getattr(many, name) / getattr(beside, name) if beside else None

    print(f"{kind}: {many.instances} instances at once, {many.steps} steps, {many.wall_s:.0f} s")
    row("memory for each instance more", each, "MB", "bar 12 MB")
    row("peak memory", many.peak_mb, "MB", "", ratio("peak_mb"), "mini-swe-agent")
    row("CPU for each step", many.cpu_ms_per_step, "ms", "", ratio("cpu_ms_per_step"), "mini-swe-agent")
    row("model idle for the harness", many.idle * 100, "%", "bar 2 %", ratio("idle"), "mini-swe-agent")
    row("answer to next request, median", many.gap_ms, "ms", "", ratio("gap_ms"), "mini-swe-agent")
    row("containers at work, a minute", many.instances / many.launch_s * 60, "", "", None)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--instances", type=int, default=64)
    parser.add_argument("--few", type=int, default=4)
    parser.add_argument("--steps", type=int, default=12)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--image", default=IMAGE)
    parser.add_argument("--mini", default="")
    options = parser.parse_args()
    found: dict[tuple[str, int], Figures] = {}
    with tempfile.TemporaryDirectory() as name:
        for kind in ["qwright", *(["mini"] if options.mini else [])]:
            for count in (options.few, options.instances):
                found[kind, count] = measured(kind, options, count, Path(name) / f"{kind}-{count}")
    beside = found.get(("mini", options.instances))
    if beside is not None:
        show("mini-swe-agent", found["mini", options.few], beside, None)
    show("qwright", found["qwright", options.few], found["qwright", options.instances], beside)


if __name__ == "__main__":
    main()
