"""From the log of an `eval_script` to a verdict, by the rules of SWE-bench 5 (`swebench/harness/grading.py`). Pure."""

import re
from collections.abc import Mapping, Sequence
from typing import Literal, TypeAlias

from pydantic import BaseModel, ConfigDict

from jobs.batch.log_parsers import Parser

START, END = ">>>>> Start Test Output", ">>>>> End Test Output"
EXIT = ">>>>> Test Exit Code"
_PASSED = ("PASSED", "XFAIL")
_EXIT_LINE = re.compile(re.escape(EXIT) + r":\s*(-?\d+)")
_VOID = tuple(f">>>>> {what}" for what in ("Patch Apply Failed", "Reset Failed", "Tests Errored", "Tests Timed Out"))
# How runners say that tests ran. A count of 0 is none: karma prints "Executed 0 of 0" when its browser did not start,
# and where only failures are recorded, a suite that never ran would pass for one without failures.
_RAN = re.compile(
    r"Executed [1-9]\d* of \d|TOTAL: [1-9]\d* (?:SUCCESS|FAILED)|[1-9]\d* passing|Tests:\s+[1-9]"
    r"|Test Suites:\s+(?:\d+ \w+, )*[1-9]\d* total|^# tests [1-9]|[1-9]\d* specs?, \d+ failures?|': ok$",
    re.MULTILINE,
)
EvalType: TypeAlias = Literal["pass_and_fail", "fail_only"]


class Tests(BaseModel):
    """The tests of one list of a row, by how they ended."""

    model_config = ConfigDict(frozen=True)

    success: tuple[str, ...] = ()
    failure: tuple[str, ...] = ()


class Grade(BaseModel):
    """`resolved`: every test that the repair must mend passes, and none that passed before is broken.

    `told` is whether the log says at all how the tests went.
    """

    model_config = ConfigDict(frozen=True)

    resolved: bool
    told: bool = True
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


def read_log(log: str, parse: Parser) -> dict[str, str] | None:
    """Status by test; None when the log does not tell what happened.

    A test command that failed while its log names no failure is not described by it: a patch can print "PASSED" lines.
    """
    if START not in log or END not in log or any(sign in log for sign in _VOID):
        return None
    results = parse(log.split(START)[1].split(END, maxsplit=1)[0]) or parse(log)
    if not results and not _RAN.search(log):
        return None
    code = _EXIT_LINE.search(log)
    if code and code[1] != "0" and results and not {"FAILED", "ERROR"} & set(results.values()):
        return None
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


def grade(
    log: str,
    parse: Parser,
    fail_to_pass: Sequence[str],
    pass_to_pass: Sequence[str],
    kind: EvalType = "pass_and_fail",
) -> Grade:
    """The verdict. A skipped test keeps what passed before, but mends nothing.

    `fail_only` is for runners that name failures only: there a test is well unless the log says that it failed.
    """
    found = read_log(log, parse)
    results = found or {}
    if kind == "fail_only" and found is not None:
        mended, kept = (_unless_failed(tests, results) for tests in (fail_to_pass, pass_to_pass))
    else:
        mended = _sorted(fail_to_pass, results, _PASSED)
        kept = _sorted(pass_to_pass, results, (*_PASSED, "SKIPPED"))
    resolved = found is not None and not mended.failure and not kept.failure
    told = found is not None
    return Grade(resolved=resolved, told=told, tests_seen=len(results), fail_to_pass=mended, pass_to_pass=kept)


def _sorted(tests: Sequence[str], results: Mapping[str, str], good: Sequence[str]) -> Tests:
    return _divided(tests, {test: status_of(test, results) in good for test in tests})


def _unless_failed(tests: Sequence[str], results: Mapping[str, str]) -> Tests:
    return _divided(tests, {test: results.get(test) != "FAILED" for test in tests})


def _divided(tests: Sequence[str], well: Mapping[str, bool]) -> Tests:
    return Tests(
        success=tuple(test for test in tests if well[test]), failure=tuple(test for test in tests if not well[test])
    )
