"""What a step's calls came to, as the thinking policy sees it."""

import json

import pytest

from agent.messages import ToolCall
from agent.nodes.act import INTERRUPTED, Done, outcome_of
from tools.base import ToolResult


def done(command: str, text: str = "", ok: bool = True) -> Done:
    call = ToolCall("s1c0", "bash", json.dumps({"command": command}))
    return Done(call, "execute", ToolResult(text, "summary", ok), 0.1)


@pytest.mark.parametrize(
    ("items", "outcome"),
    [
        ([], "none"),
        ([done("ls")], "ok"),
        ([done("ls", ok=False)], "failed"),
        ([done("pytest -q", ok=False)], "test_failed"),
        ([done("pytest -q")], "test_passed"),
        (
            [done("pytest | tail", "FAILED tests/test_x.py::test_y - assert 1 == 2\n1 failed, 3 passed in 0.1s")],
            "test_failed",
        ),
        ([done("pytest | tail", "===== 2 failed, 30 passed in 1.21s =====")], "test_failed"),
        ([done("pytest | tail", "===== 30 passed, 2 warnings in 1.21s =====")], "test_passed"),
        ([done("python -m pytest", "=== 1 error in 0.2s ===")], "test_failed"),
        ([done("python3 -m unittest 2>&1 | tail -3", "Ran 3 tests\n\nFAILED (failures=1)")], "test_failed"),
        ([done("python3 -m unittest", "Ran 3 tests\n\nOK")], "test_passed"),
        ([done("go test ./... | cat", "--- FAIL: TestX (0.00s)")], "test_failed"),
        ([done("cargo test | tail", "test result: FAILED. 1 passed; 1 failed")], "test_failed"),
        ([done("npm test | cat", "Tests:       1 failed, 2 passed, 3 total")], "test_failed"),
        ([done("grep -rn failed .", "log: 3 failed attempts")], "ok"),
        ([done("ls"), done("cat x", ok=False)], "failed"),
        ([done("make", INTERRUPTED, ok=False)], "interrupted"),
    ],
)
def test_outcomes(items: list[Done], outcome: str) -> None:
    assert outcome_of(items) == outcome
