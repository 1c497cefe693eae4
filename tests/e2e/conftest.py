"""A small repository with a failing test, and `qwright` as a user runs it: a process of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

QWRIGHT = Path(sys.executable).parent / "qwright"
CALC = '"""Arithmetic."""\n\n\ndef add(a, b):\n    return a - b\n'
TEST_CALC = (
    "import unittest\n\nfrom calc import add\n\n\nclass AddTest(unittest.TestCase):\n"
    "    def test_add(self):\n        self.assertEqual(add(1, 2), 3)\n"
)


@dataclass(frozen=True, slots=True)
class Product:
    """Runs the command line with state and configuration of its own."""

    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        kept = {key: value for key, value in os.environ.items() if not key.startswith("QWRIGHT_")}
        return kept | {
            "QWRIGHT_STATE_DIR": str(self.folder / "state"),
            "QWRIGHT_CONFIG_DIR": str(self.folder / "config"),
        }

    def run(self, *arguments: str, cwd: Path | None = None, **extra: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [str(QWRIGHT), *arguments],
            env=self.environment | extra,
            cwd=cwd or self.folder,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def start(self, *arguments: str, cwd: Path | None = None) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [str(QWRIGHT), *arguments],
            env=self.environment,
            cwd=cwd or self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


def git(folder: Path, *arguments: str, given: str | None = None) -> str:
    command = ["git", "-c", "user.name=t", "-c", "user.email=t@example.invalid", "-C", str(folder), *arguments]
    return subprocess.run(command, input=given, capture_output=True, text=True, check=True).stdout


@pytest.fixture
def product(tmp_path: Path) -> Product:
    return Product(tmp_path)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    folder.mkdir()
    (folder / "calc.py").write_text(CALC)
    (folder / "test_calc.py").write_text(TEST_CALC)
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "start")
    return folder


Script = Callable[[str, list[dict[str, object]]], None]


def fixing_turns() -> list[dict[str, object]]:
    """A conversation that looks, edits, tests and submits."""

    def bash(command: str) -> dict[str, object]:
        return {"name": "bash", "arguments": {"command": command}}

    edit = {"command": "str_replace", "path": "calc.py", "old_str": "return a - b", "new_str": "return a + b"}
    return [
        {"think": "I run the tests first.", "say": "I run the tests.", "calls": [bash("python3 -m unittest")]},
        {"think": "The sign.", "calls": [bash("cat calc.py"), {"name": "str_replace_editor", "arguments": edit}]},
        {"think": "Again.", "calls": [bash("python3 -m unittest && echo note > /tmp/note")]},
        {"think": "Green.", "say": "`add` adds now.", "calls": [{"name": "submit", "arguments": {}}]},
    ]


def result_of(done: "subprocess.CompletedProcess[str]") -> dict[str, object]:
    return json.loads(done.stdout)
