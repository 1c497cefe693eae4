"""Heavy packages stay away from the way to `--version`, `--help` and every command that needs no engine."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from cli.version import VERSION

HEAVY = {"openai", "langgraph", "langchain_core", "textual", "docker", "git", "tiktoken", "httpx", "httpx2", "requests"}


def loaded(code: str) -> set[str]:
    script = f"import sys\ntry:\n    {code}\nexcept SystemExit:\n    pass\nprint(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return {name.split(".")[0] for name in done.stderr.split()}


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["run", "--help"], ["config", "path"], ["sessions"]])
def test_nothing_heavy_is_loaded(arguments: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    monkeypatch.setenv("QWRIGHT_STATE_DIR", str(tmp_path))
    assert not loaded(f"from cli.main import main; main({arguments!r})") & HEAVY


def test_the_version_needs_no_parser_either() -> None:
    assert not loaded("from cli.main import main; main(['--version'])") & {"argparse", "asyncio", "pydantic", "logging"}


@pytest.mark.parametrize(
    "module",
    [
        "cli.run",
        "cli.triage.command",
        "cli.demo",
        "agent.settings",
        "sandboxes.workspace",
        "sandboxes.container.sandbox",
    ],
)
def test_modules_load_their_heavy_parts_late(module: str) -> None:
    assert not loaded(f"import {module}") & HEAVY


def test_the_version_is_the_packages() -> None:
    pyproject = Path(__file__).resolve().parent.parent.parent / "pyproject.toml"
    assert tomllib.loads(pyproject.read_text())["project"]["version"] == VERSION


def test_the_first_request_needs_no_machine() -> None:
    packages = loaded("from cli.launching import load_client; load_client()")
    assert "openai" in packages
    assert not packages & {"langgraph", "langchain_core", "langsmith"}


def test_the_engine_is_loaded_beside_the_start_of_the_container() -> None:
    assert {"openai", "langgraph"} <= loaded("from cli.launching import load_engine; load_engine()")


# Of the engine the first paint needs names only, and of the app nothing that a turn, a question or a list shows.
NAMES_OF_THE_ENGINE = {"agent", "agent.check_kinds", "agent.meanwhile", "agent.policies", "agent.permissions.modes"}
BEHIND_THE_PAINT = {
    "tui.approval.card",
    "tui.approval.question",
    "tui.commands.custom",
    "tui.conversation.entries",
    "tui.faces.after",
    "tui.faces.mending",
    "tui.model.blocks",
    "tui.model.feed",
    "tui.past.choice",
    "tui.past.host",
    "tui.past.picker",
    "tui.prompt.external",
}
# `make` is the first thing that the app asks for behind its paint.
PAINTED = """
import gc, os, sys
from cli.pair.later import LaterHost
from tui.app import QwrightApp
def make(choice):
    os.write(2, " ".join([*sys.modules, f"collector={gc.isenabled()}"]).encode())
    os._exit(0)
gc.disable()
QwrightApp(LaterHost("x", make, None)).run(headless=True)
"""


def test_the_first_paint_loads_what_it_shows_and_no_more() -> None:
    done = subprocess.run([sys.executable, "-c", PAINTED], capture_output=True, text=True, check=True)
    modules = set(done.stderr.split())
    assert "tui.conversation.view" in modules
    assert "collector=True" in modules
    assert not {name.split(".")[0] for name in modules} & ((HEAVY | {"pydantic", "yaml", "sqlite3"}) - {"textual"})
    assert {name for name in modules if name.startswith("agent")} <= NAMES_OF_THE_ENGINE | {"agent.permissions"}
    assert not modules & BEHIND_THE_PAINT
