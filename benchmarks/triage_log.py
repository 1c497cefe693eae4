"""A CI log of 100 MB: processor time and peak memory of its verdict, beside a bare reader of its lines in one run."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from agent.json_types import parse_object
from benchmarks.table import row

MEGABYTES = 100
_BARE = """
import sys
count = 0
with open(sys.argv[1], "rb") as stream:
    for line in stream:
        count += len(line.decode("utf-8", "replace"))
"""
_TRIAGE = """
import sys
from jobs.triage.codeowners import CodeOwners
from jobs.triage.findings import Findings
from jobs.triage.intake import read_failures
from jobs.triage.judge import verdict_of
from jobs.triage.places import Places
findings = Findings()
if len(sys.argv) > 1:
    with open(sys.argv[1], "rb") as stream:
        findings.add(read_failures(stream, "ci.log"), "ci.log")
count = verdict_of(findings, Places(None), CodeOwners("")).failures
"""
_REPORT = """
import json, resource
used = resource.getrusage(resource.RUSAGE_SELF)
status = open("/proc/self/status").read()
peak = int(status.partition("VmHWM:")[2].split()[0])
print(json.dumps({"cpu": used.ru_utime + used.ru_stime, "kb": peak, "count": count}))
"""


def measured(source: str, *arguments: str) -> dict[str, float]:
    """Processor seconds, peak memory in MB, and what was counted, of a process of its own."""
    command = [sys.executable, "-c", source + _REPORT, *arguments]
    done = subprocess.run(command, check=True, capture_output=True)
    found = parse_object(done.stdout) or {}
    cpu, peak, count = (float(json.dumps(found[name])) for name in ("cpu", "kb", "count"))
    return {"cpu": cpu, "mb": peak / 1024, "count": count}


def write_log(path: Path) -> None:
    """Lines of compilers and tests under GitHub's timestamps, some coloured, and five thousand failures at the end."""
    with path.open("w") as out:
        number = 0
        while out.tell() < MEGABYTES * 1_000_000:
            number += 1
            stamp = f"2026-01-05T10:{number // 60 % 60:02d}:{number % 60:02d}.{number % 10_000_000:07d}Z"
            made = f"Compiling src/module_{number}/part.c with -O2 -Wall in 0.{number % 9}s"
            out.write(f"{stamp} \x1b[32m[{number}]\x1b[0m {made}\n")
            out.write(f"{stamp} tests/test_{number}.py::test_it[{number}] PASSED\n")
        out.write("=== FAILURES ===\n")
        for number in range(5000):
            message = f"E   ValueError: row {number} at 0x{number:x}\nshop/rows.py:7: ValueError\n"
            out.write(f"____ test_it[{number}] ____\n{message}")
        out.write("=== 5000 failed in 10.00s ===\n")


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "ci.log"
        write_log(log)
        bare, empty, whole = measured(_BARE, str(log)), measured(_TRIAGE), measured(_TRIAGE, str(log))
    if whole["count"] != 5000:
        raise SystemExit(f"{whole['count']:.0f} failures were found of 5,000")
    row("triage of 100 MB, processor time", whole["cpu"], "s", "", whole["cpu"] / bare["cpu"], "a bare reader of lines")
    row(
        "memory beyond that of an empty log",
        whole["mb"] - empty["mb"],
        "MB",
        "<= 16",
        whole["mb"] / empty["mb"],
        "an empty log",
    )


if __name__ == "__main__":
    main()
