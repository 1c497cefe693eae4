"""Tells tests that fail alone too from those that failed once beside others: `python -m tests.unstable`, after a run.

Why this exists, and what it may not hide: docs/decisions/0007-unstable-tests.md.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".pytest_cache" / "v"
MOST = 3
TIMES = 3


def failed(cache: Path) -> list[str]:
    """The failed tests of the last run, from pytest's own record; none where that run did not come to its end."""
    ended, record = cache / "qwright" / "exitstatus", cache / "cache" / "lastfailed"
    if not ended.is_file() or not record.is_file() or json.loads(ended.read_text()) != pytest.ExitCode.TESTS_FAILED:
        return []
    return sorted(json.loads(record.read_text(encoding="utf-8")))


def judge(names: Sequence[str], passes: Callable[[str], bool]) -> list[str]:
    """What speaks against calling the failures unstable, as sentences; empty when each test passes `TIMES` times."""
    if not names:
        return ["The run failed, but not by a test."]
    if len(names) > MOST:
        return [f"{len(names)} tests failed, more than the {MOST} that are run again."]
    return [f"{name} fails alone too." for name in names if not all(passes(name) for _ in range(TIMES))]


def alone(name: str) -> bool:
    """Whether a test passes in a process of its own, with nothing beside it; a skipped one does not."""
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", name]
    run = subprocess.run(command, check=False, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    print(run.stdout, flush=True)
    return run.returncode == 0 and " skipped" not in run.stdout.splitlines()[-1]


def main() -> int:
    names = failed(CACHE)
    against = judge(names, alone)
    for sentence in against:
        print(sentence, file=sys.stderr)
    if against:
        return 1
    for name in names:
        print(f"UNSTABLE: {name} failed beside other tests and passed {TIMES} of {TIMES} times alone. Mend it.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
