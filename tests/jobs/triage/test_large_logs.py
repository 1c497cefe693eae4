"""Memory does not grow with the log, nor with the number of failures or the length of a line."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="peak memory is read from /proc")

MEASURE = """
import json, resource, sys
from jobs.triage.codeowners import CodeOwners
from jobs.triage.findings import Findings
from jobs.triage.intake import read_failures
from jobs.triage.judge import verdict_of
from jobs.triage.places import Places
def peak():
    # ru_maxrss of a process that was just started is that of its parent; Linux has the own one here.
    status = open("/proc/self/status").read()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024
before = peak()
findings = Findings()
with open(sys.argv[1], "rb") as stream:
    findings.add(read_failures(stream, "ci.log"), "ci.log")
verdict = verdict_of(findings, Places(None), CodeOwners(""))
used = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({"mb": peak() - before, "cpu": used.ru_utime + used.ru_stime, "failures": verdict.failures,
                  "causes": len(verdict.causes), "bytes": len(verdict.model_dump_json())}))
"""


def measured(log: Path) -> dict[str, float]:
    done = subprocess.run([sys.executable, "-c", MEASURE, str(log)], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def test_ten_megabytes_with_thousands_of_failures(tmp_path: Path) -> None:
    log = tmp_path / "ci.log"
    with log.open("w") as out:
        for number in range(70_000):
            out.write(
                f"2026-01-05T10:00:00.{number:07d}Z step {number}: compiling m_{number} with 0x{number:x} options\n"
            )
        out.write("=== FAILURES ===\n")
        for number in range(9_000):
            out.write(
                f"____ test_case[{number}] ____\nE   ValueError: row {number} of /tmp/x{number}/data at 0x{number:x}\n"
            )
            out.write(f"shop/rows.py:{number % 3 + 10}: ValueError\n")
        out.write("=== short test summary info ===\n")
        for number in range(9_000):
            out.write(f"FAILED tests/test_rows.py::test_case[{number}] - ValueError: row {number}\n")
        out.write("=== 9000 failed in 10.00s ===\n")
        while out.tell() < 10_000_000:
            out.write("x" * 200 + "\n")
    found = measured(log)
    assert found["failures"] >= 9_000
    assert found["causes"] <= 3
    assert found["mb"] < 14
    assert found["bytes"] < 60_000


def test_one_line_of_ten_megabytes(tmp_path: Path) -> None:
    log = tmp_path / "ci.log"
    log.write_bytes(b"z" * 10_000_000 + b"\nsrc/a.c:1:1: error: after it\n")
    found = measured(log)
    assert found["failures"] == 1
    assert found["mb"] < 8
