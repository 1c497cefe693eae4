"""The adapter for harbor: what it types, and a task through the interface; `make harbor` has harbor itself do it."""

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.harbor.commands import install_command, model_flag, run_command, server_environment, spent_of

ROOT = Path(__file__).resolve().parents[2]
STAND_IN = ROOT / "tests" / "fakes" / "harbor_package"


@pytest.mark.timeout(120)
def test_a_task_is_done_in_its_container_and_recorded(tmp_path: Path) -> None:
    task = tmp_path / "task"
    task.mkdir()
    (task / "README.md").write_text("a task")
    kept = {key: value for key, value in os.environ.items() if not key.startswith("QWRIGHT_")}
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        [sys.executable, "-m", "tests.jobs.harbor_task", str(task), 'BENCH-1: it\'s "the" $HOME `task`'],
        env={**kept, "PYTHONPATH": f"{STAND_IN}:{ROOT}", "PATH": path, "QWRIGHT_CONFIG_DIR": str(tmp_path / "config")},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    recorded = json.loads(done.stdout)
    assert recorded["metadata"] == {"status": "done", "steps": 4}
    assert recorded["tokens"][0] > recorded["tokens"][2] > 0
    assert (task / "steps.txt").read_text() == "0\n1\n2\n"
    assert {path.name for path in task.iterdir()} == {"README.md", "steps.txt"}


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1))
def test_an_instruction_reaches_qwright_as_it_is(instruction: str) -> None:
    words = shlex.split(run_command(instruction, "/logs/agent", "", ""))
    assert words[words.index("%s") + 1] == instruction


@pytest.mark.parametrize(("code", "passed_on"), [(0, 0), (1, 0), (5, 0), (2, 2), (3, 3), (4, 4), (75, 75), (130, 130)])
def test_what_ended_by_itself_is_graded_and_what_broke_is_an_error(tmp_path: Path, code: int, passed_on: int) -> None:
    program = tmp_path / "qwright"
    program.write_text(f"#!/bin/sh\ncat > {tmp_path}/given\nprintf '%s ' \"$@\" > {tmp_path}/words\nexit {code}\n")
    program.chmod(0o755)
    command = run_command("the task", str(tmp_path / "logs"), "--max-steps 5", "--model m")
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command}"],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin", "HOME": str(tmp_path)},
        check=False,
    )
    assert done.returncode == passed_on
    assert (tmp_path / "given").read_text() == "the task"
    words = "run - --sandbox local --workspace bind --output json --model m --max-steps 5 "
    assert (tmp_path / "words").read_text() == words


def test_the_model_s_name() -> None:
    assert model_flag(None) == ""
    assert model_flag("hosted_vllm/Qwen/Qwen3.5-122B-A10B") == "--model Qwen/Qwen3.5-122B-A10B"
    assert model_flag("Qwen/Qwen3.5-27B") == "--model Qwen/Qwen3.5-27B"


def test_the_server_s_address_and_key() -> None:
    found = {"QWRIGHT_BASE_URL": "", "OPENAI_BASE_URL": "http://o/v1", "HOSTED_VLLM_API_BASE": "http://h/v1"}
    assert server_environment(found) == {"QWRIGHT_BASE_URL": "http://h/v1"}
    assert server_environment({"QWRIGHT_API_KEY": "k"}) == {"QWRIGHT_API_KEY": "k"}


def test_installation_needs_no_index_where_wheels_are_brought_along() -> None:
    assert "--no-index --find-links /installed-agent/wheels qwright" in install_command(None, wheels=True)
    assert "uv tool install --python 3.12 qwright==0.1.0" in install_command("0.1.0", wheels=False)


@pytest.mark.parametrize("cut", [b"", b"{", b"[]", b'"x"'])
def test_a_result_that_was_never_written_records_nothing(cut: bytes) -> None:
    assert spent_of(cut) is None
