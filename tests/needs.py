"""What a test needs and this machine may lack: skipped with one line, or failed where everything must run."""

import os
from typing import NoReturn

import pytest


def missing(reason: str) -> NoReturn:
    """Skip the test, or fail it when QWRIGHT_REQUIRE_RIGS=1."""
    if os.environ.get("QWRIGHT_REQUIRE_RIGS") == "1":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)
