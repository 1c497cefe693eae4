"""What a test log shows to be broken in the environment. Advice beside the verdict: nothing is graded by it. Pure.

The reasons and what tells them are those of SWE-bench 5 (`swebench/harness/infra_failure.py`), so that reports can be
compared.
"""

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

Tier: TypeAlias = Literal["environment", "ambiguous"]


@dataclass(frozen=True, slots=True)
class Label:
    """`environment` cannot come from a patch of the sources; `ambiguous` may be the environment's or the patch's."""

    reason: str
    tier: Tier


# In this order: the first that the log shows is its label.
SIGNS: tuple[tuple[str, Tier, tuple[str, ...]], ...] = (
    ("browser_launch_failed", "environment", ("Failed to launch", "Failed to connect to the bus")),
    ("display_unavailable", "environment", ("cannot open display", "Missing X server", "unable to open X display")),
    ("out_of_memory", "environment", ("Cannot allocate memory", "OutOfMemoryError", "^Killed$")),
    ("container_unavailable", "environment", ("Error response from daemon", "Cannot connect to the Docker daemon")),
    ("network_unreachable", "environment", ("Could not resolve host", "Temporary failure in name resolution")),
    ("missing_module", "ambiguous", ("Cannot find module", "MODULE_NOT_FOUND", "ModuleNotFoundError")),
    ("no_tests_collected", "ambiguous", ("no tests ran", "collected 0 items")),
    ("tests_timed_out", "ambiguous", (r"Timeout error: \d+ seconds exceeded",)),
)
_PATTERNS = tuple((Label(reason, tier), re.compile("|".join(signs), re.MULTILINE)) for reason, tier, signs in SIGNS)


def label_of(log: str) -> Label | None:
    """The first label whose signs the log of an unresolved run shows."""
    return next((label for label, pattern in _PATTERNS if pattern.search(log)), None)
