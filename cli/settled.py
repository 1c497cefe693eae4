"""The configuration of a command, with warnings about variables that set nothing."""

import difflib
import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from cli.config import ENVIRONMENT_PREFIX, Config, Resolved, resolve
from cli.printing import printable

# Read elsewhere: the directories (`cli.paths`), what the runner gives to commands, the switches of tests.
_NO_SETTINGS = frozenset({"QWRIGHT_STATE_DIR", "QWRIGHT_CONFIG_DIR", "QWRIGHT_RUN", "QWRIGHT_TRAP", "QWRIGHT_BASH_ENV"})
_SWITCHES = ("QWRIGHT_TEST_", "QWRIGHT_REQUIRE_", "QWRIGHT_BENCH_")


def settled(flags: Mapping[str, object], project: Path | None) -> Resolved:
    """`cli.config.resolve` for a command; a misspelt variable is told on standard error. Raises `UsageError`."""
    resolved = resolve(flags, project)
    for sentence in unknown_variables(os.environ):
        print(f"qwright: {printable(sentence)}", file=sys.stderr)
    return resolved


def unknown_variables(names: Iterable[str]) -> list[str]:
    """A sentence for each `QWRIGHT_` variable that nothing reads, with the nearest that something does."""
    known = {f"{ENVIRONMENT_PREFIX}{key.upper()}" for key in Config.model_fields} | _NO_SETTINGS
    words = [name.removeprefix(ENVIRONMENT_PREFIX) for name in known]
    told: list[str] = []
    for name in sorted(names):
        if name.startswith(ENVIRONMENT_PREFIX) and name not in known and not name.startswith(_SWITCHES):
            word = name.removeprefix(ENVIRONMENT_PREFIX)
            near = difflib.get_close_matches(word, words, n=1, cutoff=0.6)
            meant = f" Did you mean {ENVIRONMENT_PREFIX}{near[0]}?" if near else " `qwright config` lists the settings."
            told.append(f"The environment variable {name} sets nothing.{meant}")
    return told
