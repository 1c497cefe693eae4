"""A pytest plugin that runs in the sandbox: which functions each test calls, and whether the test failed.

Nothing but pytest, and annotations in quotes: it runs in whatever Python the image has. What it writes is
read as untrusted data.
"""

import json
import os
import sys
import threading
from types import CodeType, FrameType
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TypeAlias

    Place: TypeAlias = tuple[str, int, str]

OUT = os.environ.get("QWRIGHT_SPECTRUM", "")
ROOT = os.path.realpath(os.getcwd()) + os.sep
MOST_FUNCTIONS = 20000

_called: "set[Place]" = set()
_known: "dict[CodeType, Place | None]" = {}
_counts: "dict[bool, dict[Place, int]]" = {True: {}, False: {}}
_tests = {True: 0, False: 0}
_outcome: "dict[str, str]" = {}


def _place(code: CodeType) -> "Place | None":
    """Path, line and name of a function; None outside the repository. Looked up once for each code object."""
    if code not in _known:
        path = os.path.realpath(code.co_filename)
        inside = path.startswith(ROOT) and "site-packages" not in path and code.co_name != "<module>"
        _known[code] = (path[len(ROOT) :], code.co_firstlineno, code.co_name) if inside else None
    return _known[code]


def _trace(frame: FrameType, event: str, arg: object) -> None:
    del event, arg
    place = _place(frame.f_code)
    if place is not None:
        _called.add(place)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_protocol() -> "Iterator[None]":
    """Trace one test with its fixtures; skipped ones do not count."""
    _called.clear()
    _outcome.clear()
    sys.settrace(_trace)
    threading.settrace(_trace)
    try:
        yield
    finally:
        sys.settrace(None)
        threading.settrace(None)  # pyright: ignore[reportArgumentType]  # None ends it, as with sys.settrace
    failed = "failed" in _outcome.values()
    if not failed and _outcome.get("call") != "passed":
        return
    _tests[failed] += 1
    for place in _called:
        _counts[failed][place] = _counts[failed].get(place, 0) + 1


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """How a part of the test ended."""
    _outcome[report.when or ""] = report.outcome


def pytest_sessionfinish() -> None:
    """Write what the failing tests called."""
    rows = [(*place, count, _counts[False].get(place, 0)) for place, count in _counts[True].items()]
    with open(OUT, "w", encoding="utf-8") as out:
        json.dump({"failed": _tests[True], "passed": _tests[False], "functions": rows[:MOST_FUNCTIONS]}, out)
