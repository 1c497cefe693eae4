"""`qwright run` on a real vLLM and a real Docker engine."""

import json
import signal
import subprocess
import time
import uuid
from pathlib import Path
from typing import cast

import pytest

from tests.e2e.conftest import Product, fixing_turns, git, result_of
from tests.live.server import Vllm

pytestmark = [pytest.mark.docker, pytest.mark.live, pytest.mark.timeout(180)]


@pytest.fixture
def task(vllm: Vllm) -> str:
    name = f"TASK-{uuid.uuid4().hex}"
    vllm.script(name, fixing_turns())
    return f"{name}: the test fails, fix it"


@pytest.fixture
def options(vllm: Vllm, docker_engine: str) -> list[str]:
    return ["--base-url", vllm.base_url, "--image", docker_engine]


def test_a_bug_is_fixed_and_the_result_is_complete(
    product: Product, repository: Path, task: str, options: list[str]
) -> None:
    patch_file = product.folder / "out.patch"
    done = product.run(
        "run", task, "--repo", str(repository), "--output", "json", "--patch-out", str(patch_file), *options
    )
    assert done.returncode == 0, done.stderr
    result = result_of(done)
    assert (result["status"], result["exit_code"], result["steps"]) == ("done", 0, 4)
    assert result["summary"] == "`add` adds now."
    usage = cast("dict[str, int]", result["usage"])
    assert usage["prompt_tokens"] > usage["cached_tokens"] > 0
    assert usage["completion_tokens"] > usage["reasoning_tokens"] > 0
    thinking = cast("dict[str, object]", result["thinking"])
    assert thinking["reasons"] == {
        "first step of a request": 1,
        "a test failed": 1,
        "routine step": 1,
        "tests pass: review before finishing": 1,
    }
    assert (thinking["on"], thinking["off"]) == (3, 1)
    assert patch_file.read_text() == result["patch"]
    assert git(repository, "status", "--porcelain") == ""
    git(repository, "apply", str(patch_file))
    assert git(repository, "status", "--porcelain") == " M calc.py\n"
    assert "return a + b" in (repository / "calc.py").read_text()
    assert Path(str(result["log_path"])).is_file()


def test_apply_changes_the_tree_and_keeps_the_users_own_work(
    product: Product, repository: Path, task: str, options: list[str]
) -> None:
    (repository / "mine.txt").write_text("my own\n")
    with (repository / "test_calc.py").open("a") as stream:
        stream.write("# my own line\n")
    done = product.run("run", task, "--apply", *options, cwd=repository)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "return a + b" in (repository / "calc.py").read_text()
    assert "my own" not in done.stdout
    assert git(repository, "status", "--porcelain") == " M calc.py\n M test_calc.py\n?? mine.txt\n"


def test_bind_works_on_the_tree_itself(product: Product, repository: Path, task: str, options: list[str]) -> None:
    done = product.run("run", task, "--workspace", "bind", "--output", "json", *options, cwd=repository)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "return a + b" in (repository / "calc.py").read_text()
    assert "+    return a + b" in str(result_of(done)["patch"])
    owner = (repository / "calc.py").stat().st_uid
    assert owner == repository.stat().st_uid


def test_stream_json_is_the_event_stream(product: Product, repository: Path, task: str, options: list[str]) -> None:
    done = product.run("run", task, "--repo", str(repository), "--output", "stream-json", *options)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    kinds = [row["type"] for row in rows]
    assert kinds[-1] == "result"
    assert kinds.count("step_started") == kinds.count("step_finished") == 4
    assert {"turn_started", "reasoning_delta", "content_delta", "call_started", "call_finished", "turn_ended"} < set(
        kinds
    )


def test_text_output_shows_mode_reason_calls_and_diff(
    product: Product, repository: Path, task: str, options: list[str]
) -> None:
    done = product.run("run", task, "--repo", str(repository), *options)
    assert "\x1b" not in done.stdout + done.stderr
    for words in ("first step of a request", "a test failed", "python3 -m unittest", "session "):
        assert words in done.stderr
    assert done.stdout.startswith("diff --git")
    git(repository, "apply", "--check", "-", given=done.stdout)


def hanging(product: Product, task: str, repository: Path, options: list[str]) -> "subprocess.Popen[str]":
    """A run whose command has begun, as its output shows, and will not end of itself."""
    running = product.start("run", task, "--repo", str(repository), "--output", "stream-json", *options)
    assert running.stdout is not None
    for line in running.stdout:
        row = json.loads(line)
        if row["type"] == "call_output" and "begun" in row["text"]:
            return running
    raise AssertionError("the command never began")


def test_ctrl_c_ends_at_once_and_resume_finishes(
    product: Product, repository: Path, vllm: Vllm, options: list[str]
) -> None:
    name = f"TASK-{uuid.uuid4().hex}"
    turns = fixing_turns()
    turns[2] = {"calls": [{"name": "bash", "arguments": {"command": "echo begun; sleep 60"}}]}
    vllm.script(name, turns)
    running = hanging(product, f"{name}: fix", repository, options)
    running.send_signal(signal.SIGINT)
    began = time.monotonic()
    out, _ = running.communicate(timeout=30)
    assert time.monotonic() - began < 5
    assert running.returncode == 130
    result = json.loads(out.splitlines()[-1])
    assert result["status"] == "cancelled"
    assert "+    return a + b" in result["patch"]
    resumed = product.run("resume", "last", "--output", "json")
    assert resumed.returncode == 0, resumed.stdout + resumed.stderr
    assert result_of(resumed)["session_id"] == result["session_id"]
    assert "+    return a + b" in str(result_of(resumed)["patch"])


def test_killed_hard_it_resumes_with_its_files(
    product: Product, repository: Path, vllm: Vllm, options: list[str]
) -> None:
    name = f"TASK-{uuid.uuid4().hex}"
    turns = fixing_turns()
    turns[2] = {"calls": [{"name": "bash", "arguments": {"command": "echo once >> runs.txt; echo begun; sleep 60"}}]}
    vllm.script(name, turns)
    running = hanging(product, f"{name}: fix", repository, options)
    running.kill()
    running.communicate()
    resumed = product.run("resume", "last", "--output", "json")
    assert resumed.returncode == 0, resumed.stdout + resumed.stderr
    patch = str(result_of(resumed)["patch"])
    assert "+    return a + b" in patch
    assert patch.count("+once") == 1
    assert leftovers(str(result_of(resumed)["session_id"])) == ""


def test_a_closed_terminal_leaves_a_session_and_no_container(
    product: Product, repository: Path, vllm: Vllm, options: list[str]
) -> None:
    name = f"TASK-{uuid.uuid4().hex}"
    vllm.script(name, [{"calls": [{"name": "bash", "arguments": {"command": "sleep 60"}}]}])
    running = product.start("run", f"{name}: wait", "--repo", str(repository), "--output", "stream-json", *options)
    assert running.stdout is not None
    session = ""
    for line in running.stdout:
        row = json.loads(line)
        session = row.get("session_id") or session
        if row["type"] == "call_started":
            break
    running.send_signal(signal.SIGHUP)
    running.communicate(timeout=30)
    assert session
    assert leftovers(session) == ""


def leftovers(session_id: str) -> str:
    command = ["docker", "ps", "-aq", "--filter", f"label=qwright.session={session_id}"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_limits_end_with_their_own_code(product: Product, repository: Path, task: str, options: list[str]) -> None:
    done = product.run("run", task, "--repo", str(repository), "--max-steps", "2", "--output", "json", *options)
    assert done.returncode == 5
    assert result_of(done)["status"] == "limit"
    assert "+    return a + b" in str(result_of(done)["patch"])


def test_no_thinking_when_the_user_says_never(
    product: Product, repository: Path, task: str, options: list[str]
) -> None:
    done = product.run("run", task, "--repo", str(repository), "--thinking", "never", "--output", "json", *options)
    result = result_of(done)
    assert cast("dict[str, int]", result["usage"])["reasoning_tokens"] == 0
    assert cast("dict[str, object]", result["thinking"])["on"] == 0


def test_replay_shows_the_session_again(product: Product, repository: Path, task: str, options: list[str]) -> None:
    product.run("run", task, "--repo", str(repository), *options)
    shown = product.run("replay", "last").stdout
    for words in ("a test failed", "edited calc.py", "`add` adds now.", "done after 4 steps"):
        assert words in shown
    assert "done" in product.run("sessions").stdout
    assert "## Request" in product.run("sessions", "export", "last", "--format", "markdown").stdout


def test_a_follow_up_applies_only_what_is_new(
    product: Product, repository: Path, vllm: Vllm, task: str, options: list[str]
) -> None:
    assert product.run("run", task, "--apply", *options, cwd=repository).returncode == 0
    name = f"MORE-{uuid.uuid4().hex}"
    create = {"command": "create", "path": "more.txt", "file_text": "more\n"}
    call = {"name": "str_replace_editor", "arguments": create}
    vllm.script(name, [{"calls": [call]}, {"say": "Done.", "calls": [{"name": "submit", "arguments": {}}]}])
    more = product.run("resume", "last", "--apply", f"{name}: one more file", cwd=repository)
    assert more.returncode == 0, more.stdout + more.stderr
    assert (repository / "more.txt").read_text() == "more\n"
    assert "return a + b" in (repository / "calc.py").read_text()


def test_a_path_that_the_image_does_not_have_is_a_sentence(product: Product, options: list[str]) -> None:
    done = product.run("run", "x", "--repo", "image:/nope", *options)
    assert done.returncode == 4
    assert "nothing at /nope" in done.stderr
