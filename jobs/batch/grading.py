"""From the log of an `eval_script` to a verdict, by the rules of SWE-bench 5 (`swebench/harness/grading.py`). Pure."""

import re
from collections.abc import Mapping, Sequence

from pydantic import BaseModel, ConfigDict

from jobs.batch.log_parsers import Parser

START, END = ">>>>> Start Test Output", ">>>>> End Test Output"
EXIT = ">>>>> Test Exit Code"
_PASSED = ("PASSED", "XFAIL")
_EXIT_LINE = re.compile(re.escape(EXIT) + r":\s*(-?\d+)")


class Tests(BaseModel):
    """The tests of one list of a row, by how they ended."""

    model_config = ConfigDict(frozen=True)

    success: tuple[str, ...] = ()
    failure: tuple[str, ...] = ()


class Grade(BaseModel):
    """`resolved`: every test that the repair must mend passes, and none that passed before is broken."""

    model_config = ConfigDict(frozen=True)

    resolved: bool
    tests_seen: int
    fail_to_pass: Tests
    pass_to_pass: Tests


def with_exit_code(script: str) -> str:
    """The script, made to record the exit code of its test command, which is cross-checked with the log."""
    lines = script.split("\n")
    at = next((number for number, line in enumerate(lines) if END in line), None)
    if at is None:
        return script
    return "\n".join([*lines[:at], "TEST_EXIT_CODE=$?", lines[at], f'echo "{EXIT}: $TEST_EXIT_CODE"', *lines[at + 1 :]])


def read_log(log: str, parse: Parser) -> dict[str, str]:
    """Status by test; empty when the log does not tell what happened.

    A test command that failed while its log names no failure is not described by it: a patch can print "PASSED" lines.
    """
    if START not in log or END not in log:
        return {}
    results = parse(log.split(START)[1].split(END, maxsplit=1)[0]) or parse(log)
    code = _EXIT_LINE.search(log)
    if code and code[1] != "0" and not {"FAILED", "ERROR"} & set(results.values()):
        return {}
    return results


def status_of(test: str, results: Mapping[str, str]) -> str | None:
    """The status of a test, None where the log does not name it.

    Ids of SWE-bench Verified that are cut in the middle of their parameters stand for those that begin so, where these
    agree (SWE-bench issue 290).
    """
    if test in results:
        return results[test]
    if test.count("[") <= test.count("]"):
        return None
    found = [status for name, status in results.items() if name.startswith(test)]
    return found[0] if found and len({status in _PASSED for status in found}) == 1 else None


def grade(log: str, parse: Parser, fail_to_pass: Sequence[str], pass_to_pass: Sequence[str]) -> Grade:
    """The verdict; a skipped test keeps what passed before, but mends nothing."""
    results = read_log(log, parse)
    mended = _sorted(fail_to_pass, results, _PASSED)
    kept = _sorted(pass_to_pass, results, (*_PASSED, "SKIPPED"))
    resolved = bool(results) and not mended.failure and not kept.failure
    return Grade(resolved=resolved, tests_seen=len(results), fail_to_pass=mended, pass_to_pass=kept)


def _sorted(tests: Sequence[str], results: Mapping[str, str], good: Sequence[str]) -> Tests:
    well = {test: status_of(test, results) in good for test in tests}
    return Tests(
        success=tuple(test for test in tests if well[test]), failure=tuple(test for test in tests if not well[test])
    )
