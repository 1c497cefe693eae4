"""Adapter and stand-in fit the interface that harbor 0.24 was recorded with; `make harbor` checks the recording."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import cast

import pytest

from agent.json_types import JsonObject, as_list, as_object, as_text

ROOT = Path(__file__).resolve().parents[2]
STAND_IN = ROOT / "tests" / "fakes" / "harbor_package"
RECORDED = ROOT / "tests" / "fixtures" / "harbor-0.24" / "interface.json"
# Describes the adapter over the stand-in, in a process that has it instead of harbor.
DESCRIBE = """
import json
from harbor.agents.installed.base import BaseInstalledAgent
from jobs.harbor.agent import QwrightAgent
from tests.jobs.harbor_interface import described
adapter = {**described(QwrightAgent), "own": sorted(vars(QwrightAgent))}
print(json.dumps({"adapter": adapter, "stand_in": described(BaseInstalledAgent)}))
"""


def recorded(name: str) -> JsonObject:
    return as_object(json.loads(RECORDED.read_text())[name])


def methods(of: Mapping[str, object]) -> dict[str, JsonObject]:
    return {name: as_object(it) for name, it in cast("dict[str, JsonObject]", of["methods"]).items()}


@pytest.fixture(scope="module")
def ours() -> dict[str, JsonObject]:
    done = subprocess.run(
        [sys.executable, "-c", DESCRIBE],
        env={**os.environ, "PYTHONPATH": f"{STAND_IN}:{ROOT}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def fits(mine: JsonObject, theirs: JsonObject) -> bool:
    """Whether what may be called as `theirs` may be called as `mine`."""
    names, taken = as_list(theirs["parameters"]), as_list(mine["parameters"])
    enough = set(map(as_text, as_list(mine["required"]))) <= set(map(as_text, as_list(theirs["parameters"])))
    return mine["awaited"] == theirs["awaited"] and enough and (bool(mine["any"]) or names == taken)


@pytest.mark.parametrize(
    "name", ["install", "run", "setup", "populate_context_post_run", "get_version_command", "parse_version"]
)
def test_what_harbor_calls_is_there_as_it_calls_it(ours: dict[str, JsonObject], name: str) -> None:
    assert fits(methods(ours["adapter"])[name], methods(recorded("BaseInstalledAgent"))[name])


def test_nothing_abstract_is_left(ours: dict[str, JsonObject]) -> None:
    wanted = set(map(as_text, as_list(recorded("BaseInstalledAgent")["abstract"])))
    assert wanted
    assert wanted <= set(map(as_text, as_list(ours["adapter"]["own"])))


@pytest.mark.parametrize(
    "name",
    ["version", "render_instruction", "build_cli_flags", "_get_env", "ensure_system_dependencies", "exec_as_agent"],
)
def test_what_the_adapter_calls_harbor_has(ours: dict[str, JsonObject], name: str) -> None:
    mine, theirs = methods(ours["stand_in"])[name], methods(recorded("BaseInstalledAgent"))[name]
    assert mine["awaited"] == theirs["awaited"]
    # The stand-in takes nothing that harbor would not take, and asks for nothing that harbor does not ask for.
    taken = set(map(as_text, as_list(mine["parameters"])))
    assert taken <= set(map(as_text, as_list(theirs["parameters"]))) or bool(theirs["any"])


def test_the_environment_and_the_record() -> None:
    environment = methods(recorded("BaseEnvironment"))
    assert as_list(environment["exec"]["parameters"])[:2] == ["self", "command"]
    assert {"env", "user"} <= set(map(as_text, as_list(environment["exec"]["parameters"])))
    assert as_list(environment["upload_dir"]["required"]) == ["self", "source_dir", "target_dir"]
    assert "return_code" in as_list(recorded("ExecResult")["fields"])
    record = set(map(as_text, as_list(recorded("AgentContext")["fields"])))
    assert {"n_input_tokens", "n_cache_tokens", "n_output_tokens", "metadata"} <= record
    flag = set(map(as_text, as_list(recorded("CliFlag")["fields"])))
    assert {"kwarg", "cli", "type", "choices"} <= flag
