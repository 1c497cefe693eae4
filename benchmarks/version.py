"""`qwright --version` against `python -c pass`: what a user waits for before anything happens."""

import statistics
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.table import row

RUNS = 15


def seconds(command: list[str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def main() -> None:
    qwright = [str(Path(sys.executable).parent / "qwright"), "--version"]
    bare = [sys.executable, "-c", "pass"]
    pairs = [(seconds(qwright), seconds(bare)) for _ in range(RUNS)]
    ratio = statistics.median(ours / theirs for ours, theirs in pairs)
    row(
        "qwright --version",
        statistics.median(ours for ours, _ in pairs) * 1e3,
        "ms",
        "bar 6 x",
        ratio,
        "python -c pass",
    )


if __name__ == "__main__":
    main()
