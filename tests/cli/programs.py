"""`qwright` as a process of its own, with its files in a directory of the test."""

import os
import subprocess
import sys
from pathlib import Path

NO_ENGINE = {"DOCKER_HOST": "unix:///nowhere/docker.sock"}


def argv(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "cli.main", *arguments]


def environment(directory: Path, **extra: str) -> dict[str, str]:
    """The caller's, without settings of qwright, and with every place that is written to below `directory`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("QWRIGHT_")}
    for name in ("state", "config", "tmp"):
        (directory / name).mkdir(exist_ok=True)
    places = {"QWRIGHT_STATE_DIR": "state", "QWRIGHT_CONFIG_DIR": "config", "TMPDIR": "tmp"}
    return kept | {name: str(directory / place) for name, place in places.items()} | extra


def qwright(directory: Path, *arguments: str, **extra: str) -> subprocess.CompletedProcess[str]:
    """Run a command line to its end."""
    return subprocess.run(
        argv(*arguments),
        env=environment(directory, **extra),
        cwd=directory,
        capture_output=True,
        text=True,
        check=False,
    )
