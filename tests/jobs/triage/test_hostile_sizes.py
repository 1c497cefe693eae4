"""Lines made to crash or to stall: numbers, names and runs longer than anything real."""

import io
from pathlib import Path

import pytest

from jobs.triage.codeowners import CodeOwners
from jobs.triage.findings import Findings
from jobs.triage.intake import read_failures
from jobs.triage.judge import verdict_of
from jobs.triage.places import Places
from jobs.triage.secrets.redaction import redacted
from jobs.triage.untrusted import visible

DIGITS = "9" * 5000
LINES = [
    f"src/a.c:{DIGITS}:1: error: no",
    f"    a_test.go:{DIGITS}: no",
    f"a.go:{DIGITS}:1: no",
    f"thread 'main' panicked at src/a.rs:{DIGITS}:1:",
    f"    at a.b.C.d(C.java:{DIGITS})",
    f"[ERROR] /a/B.java:[{DIGITS},1] no",
    f"    at f (/a/b.js:{DIGITS}:1)",
    f"a.py:{DIGITS}:1: E501 no",
    f"a.py:{DIGITS}: error: no  [misc]",
    f"  {DIGITS}:1  error  no  rule",
    f'  File "a.py", line {DIGITS}, in f',
    f"a.py:{DIGITS}: AssertionError",
    f"{'a' * 300}.py:7: AssertionError",
]


@pytest.mark.parametrize("line", LINES)
def test_no_number_or_name_of_a_log_ends_the_reading(line: str, tmp_path: Path) -> None:
    log = io.BytesIO(f"=== FAILURES ===\n{line}\nFAILED a.py::test_a - {line[:200]}\n".encode())
    findings = Findings()
    findings.add(read_failures(log, "ci.log"), "ci.log")
    assert verdict_of(findings, Places(tmp_path), CodeOwners("")).category


def test_a_name_that_no_file_can_have_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "loop.py").symlink_to(tmp_path / "loop.py")
    places = Places(tmp_path)
    assert not places.holds("a" * 300)
    assert not places.holds("loop.py")
    assert not places.holds("a\0b")


@pytest.mark.parametrize("text", ["'" + "token" * 1600 + "'", "a" * 199_000, "x = " * 20_000, "secret " * 20_000])
def test_no_text_stalls_the_search_for_secrets(text: str) -> None:
    """With rules that look back over the whole line each of these took hours; the suite's limit is a minute."""
    redacted(text)


def test_no_pattern_of_owners_stalls_the_search_for_one() -> None:
    owners = CodeOwners(f"{'*' * 5000}x @a\n{'*a' * 40}x @b\n*.py @c\n")
    assert owners.owner("a" * 300 + ".py") == "@c"


@pytest.mark.parametrize("hidden", ["\ufe01", "\U000e0100", "\u115f", "\u3164", "\u034f"])
def test_characters_that_show_nothing_are_taken_out(hidden: str) -> None:
    assert visible(f"a{hidden}b") == "ab"


def test_a_password_in_escaped_json_is_a_secret() -> None:
    assert "hunter22" not in redacted('{\\"password\\": \\"hunter22\\"}')
