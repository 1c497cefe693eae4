"""`qwright demo`, run as a stranger runs it, and the check at its end."""

import asyncio
import json
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from agent.client import ModelRequest, TurnComplete, VllmClient
from agent.settings import Endpoint
from agent.thinking import Signals, decide
from agent.turn import ModelTurn
from cli.demo import material, words
from cli.demo.check import check, judged
from cli.demo.recorded import bundled
from cli.demo.server import RecordedServer
from cli.place import PlaceSpec
from sandboxes.container.reap import list_sandboxes
from tests.cli.bare_engine import bare_engine
from tests.cli.programs import NO_ENGINE, argv, environment, qwright

CONVERSATION = Path(__file__).parents[2] / "cli" / "demo" / "recording" / "conversation.json"
GREEN = "tests: 14 passed"
CALM = "[ -~\n…·│✓✗→×–]*"


def place(sandbox: str = "local", image: str = "") -> PlaceSpec:
    return PlaceSpec("", "copy", sandbox, image, "none", 2.0, 0.0)


def left_in(directory: Path) -> list[str]:
    return [path.name for path in directory.iterdir() if path.name.startswith("qwright")]


def patch_in(output: str) -> bytes:
    """The diff as it is printed, which is the last thing before the figures."""
    found = re.search(r"^diff --git .*?(?=\n\n\d+ steps in )", output, re.MULTILINE | re.DOTALL)
    assert found, output
    return found[0].encode() + b"\n"


async def test_it_ends_green_with_a_patch_that_works_and_a_session_that_can_be_replayed(tmp_path: Path) -> None:
    ran = await asyncio.to_thread(qwright, tmp_path, "demo", "--fast", "--sandbox", "local")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "The model is not: its\nwords were written beforehand, recorded from a vLLM server" in ran.stdout
    assert "Nothing isolates this sandbox" in ran.stdout
    assert "FAILED (failures=2)" in ran.stdout
    assert GREEN in ran.stdout
    assert "demo --base-url http://HOST:8000/v1" in ran.stdout
    assert re.fullmatch(CALM, ran.stdout), "no escape sequences where standard output is no terminal"
    assert left_in(tmp_path / "tmp") == []
    assert (await check(place(), patch_in(ran.stdout), tmp_path / "again")).passed == 14
    again = await asyncio.to_thread(qwright, tmp_path, "replay", "last")
    assert again.returncode == 0
    assert "Fixed in `durations/formatting.py`" in again.stdout


def test_without_an_engine_it_falls_back_in_one_line_and_the_users_settings_do_not_disturb_it(tmp_path: Path) -> None:
    settings = {"QWRIGHT_MODEL": "other", "QWRIGHT_MAX_STEPS": "1", "QWRIGHT_BASE_URL": "http://127.0.0.1:1/v1"}
    ran = qwright(tmp_path, "demo", "--fast", **NO_ENGINE, **settings)
    assert ran.returncode == 0, ran.stderr
    assert "sandbox  local, because no Docker engine answers" in ran.stdout
    assert GREEN in ran.stdout


def test_an_engine_whose_image_can_neither_be_pulled_nor_made_is_no_reason_to_fail(tmp_path: Path) -> None:
    # debootstrap lives in /usr/sbin.
    path = f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin"
    with bare_engine() as host:
        ran = qwright(tmp_path, "demo", "--fast", DOCKER_HOST=host, PATH=path)
        asked = qwright(tmp_path, "demo", "--fast", "--sandbox", "docker", DOCKER_HOST=host, PATH=path)
    assert ran.returncode == 0, ran.stderr
    assert "sandbox  local, because the image could not be built (`qwright sandbox build` says why)" in ran.stdout
    assert GREEN in ran.stdout
    assert asked.returncode == 4
    assert "The default image cannot be made" in asked.stderr


def test_docker_asked_for_by_name_is_not_replaced(tmp_path: Path) -> None:
    ran = qwright(tmp_path, "demo", "--fast", "--sandbox", "docker", **NO_ENGINE)
    assert ran.returncode == 4
    assert "No Docker engine answers at unix:///nowhere/docker.sock" in ran.stderr


def test_a_live_model_never_falls_back_to_no_isolation(tmp_path: Path) -> None:
    ran = qwright(tmp_path, "demo", "--base-url", "http://127.0.0.1:1/v1", **NO_ENGINE)
    assert ran.returncode == 4
    assert "Nothing isolates" not in ran.stdout


def test_an_own_server_that_does_not_answer_is_an_endpoint_error(tmp_path: Path) -> None:
    ran = qwright(tmp_path, "demo", "--sandbox", "local", "--base-url", "http://127.0.0.1:1/v1")
    assert ran.returncode == 3
    assert "Cannot reach the model server at http://127.0.0.1:1/v1" in ran.stderr
    assert "the model too" in ran.stdout


def test_ctrl_c_ends_it_at_once_and_leaves_nothing_behind(tmp_path: Path) -> None:
    command = argv("demo", "--sandbox", "local")
    with subprocess.Popen(command, env=environment(tmp_path), cwd=tmp_path, stdout=subprocess.PIPE, text=True) as ran:
        assert ran.stdout
        for line in ran.stdout:
            if line.startswith(" 1 think"):
                break
        ran.send_signal(signal.SIGINT)
        rest = ran.stdout.read()
        assert ran.wait() == 130
    assert "cancelled" in rest
    assert GREEN not in rest
    assert left_in(tmp_path / "tmp") == []


def test_a_closed_pipe_is_no_crash(tmp_path: Path) -> None:
    command = argv("demo", "--fast", "--sandbox", "local")
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=environment(tmp_path), cwd=tmp_path, stdout=pipe, stderr=pipe) as ran:
        assert ran.stdout
        assert ran.stderr
        ran.stdout.readline()
        ran.stdout.close()
        assert ran.stderr.read() == b""


@pytest.mark.docker
async def test_in_docker_it_ends_green_and_its_containers_are_gone(tmp_path: Path, docker_engine: str) -> None:
    ran = await asyncio.to_thread(
        lambda: qwright(tmp_path, "demo", "--fast", "--sandbox", "docker", QWRIGHT_IMAGE=docker_engine)
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert f"sandbox  docker, image {docker_engine}, no network" in ran.stdout
    assert "Nothing isolates" not in ran.stdout
    assert GREEN in ran.stdout
    session = re.search(r"^session (\S+)", ran.stdout, re.MULTILINE)
    assert session
    assert not [row for row in await list_sandboxes() if session[1] in row.session_id]


@pytest.mark.docker
@pytest.mark.parametrize("named", ["flag", "environment"])
def test_an_image_that_the_user_named_is_not_replaced(tmp_path: Path, docker_engine: str, named: str) -> None:
    del docker_engine
    image = "localhost:1/qwright/no-such-image:1"
    flags, extra = (["--image", image], {}) if named == "flag" else ([], {"QWRIGHT_IMAGE": image})
    ran = qwright(tmp_path, "demo", "--fast", *flags, **extra)
    assert ran.returncode == 4, ran.stdout
    assert f"The image {image} is not on this machine" in ran.stderr
    assert "Nothing isolates" not in ran.stdout


@pytest.mark.parametrize(
    "flags", [["--image", "x", "--sandbox", "local"], ["--model", "x"], ["--fast", "--base-url", "http://h:1/v1"]]
)
def test_flags_that_could_do_nothing_are_refused(tmp_path: Path, flags: list[str]) -> None:
    ran = qwright(tmp_path, "demo", *flags)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert flags[0] in ran.stderr


async def test_the_repository_is_broken_at_the_start(tmp_path: Path) -> None:
    checked = await check(place(), b"", tmp_path)
    assert not checked.green
    assert checked.passed == 0
    assert "FAILED (failures=2)" in checked.said


async def test_a_patch_that_bends_the_tests_is_seen_through(tmp_path: Path) -> None:
    repo = await material.lay_out(tmp_path)
    deleted = [f"tests/{name}" for name in ("test_formatting.py", "test_parsing.py")]
    lines = [_deletion(repo, path) for path in deleted]
    checked = await check(place(), "".join(lines).encode(), tmp_path)
    assert "FAILED (failures=2)" in checked.said
    assert not checked.green


def _deletion(repo: Path, path: str) -> str:
    old = (repo / path).read_text().splitlines(keepends=True)
    head = f"diff --git a/{path} b/{path}\ndeleted file mode 100644\n--- a/{path}\n+++ /dev/null\n"
    head += f"@@ -1,{len(old)} +0,0 @@\n"
    return head + "".join(f"-{line}" for line in old)


async def test_a_patch_that_does_not_apply_is_no_success(tmp_path: Path) -> None:
    patch = b"diff --git a/gone.py b/gone.py\n--- a/gone.py\n+++ b/gone.py\n@@ -1 +1 @@\n-a\n+b\n"
    checked = await check(place(), patch, tmp_path)
    assert not checked.green
    assert "gone.py is gone" in checked.said


@pytest.mark.parametrize(
    ("exit_code", "said", "green"),
    [
        (0, "Ran 14 tests in 0.001s\n\nOK", True),
        (0, "Ran 1 test in 0.001s\n\nOK", True),
        (1, "Ran 14 tests in 0.001s\n\nFAILED", False),
        (0, "Ran 0 tests in 0.000s\n\nNO TESTS RAN", False),
        (0, "", False),
        (None, "Ran 14 tests in 0.1s", False),
    ],
)
def test_green_means_that_tests_ran_and_passed(exit_code: int | None, said: str, green: bool) -> None:
    assert judged(exit_code, said).green is green


async def test_copies_hold_no_leftovers_of_an_installation(tmp_path: Path) -> None:
    repo = await material.lay_out(tmp_path)
    names = {path.name for path in repo.rglob("*") if ".git" not in path.parts}
    assert "__pycache__" not in names
    assert "gitignore" not in names
    assert {".gitignore", "formatting.py", "test_formatting.py", "README.md"} <= names


async def _said(client: VllmClient, history: list[bytes]) -> ModelTurn:
    request = ModelRequest(history, b"[]", decide("auto", Signals()), 1000)
    async for item in client.stream(request):
        if isinstance(item, TurnComplete):
            return item.turn
    raise AssertionError("the stream ended without an answer")


async def test_the_recording_says_what_was_written_and_reaches_the_client_whole() -> None:
    script = json.loads(CONVERSATION.read_text())[0]
    assert script["match"] == material.TASK
    async with RecordedServer(bundled()) as server:
        client = VllmClient(Endpoint(server.base_url, "any", "", 0, ""), 10.0)
        history = [json.dumps({"role": "user", "content": material.TASK}).encode()]
        for turn in script["turns"]:
            answer = await _said(client, history)
            assert answer.reasoning.strip() == turn.get("think", "")
            assert answer.content.strip() == turn.get("say", "")
            assert [(it.name, json.loads(it.arguments)) for it in answer.calls] == [
                (it["name"], it["arguments"]) for it in turn["calls"]
            ]
            assert answer.usage
            assert answer.finish_reason == "tool_calls"
            history.append(b'{"role":"assistant","content":""}')
        await client.close()


@pytest.mark.parametrize(
    "text", [entry.decode() for entry in (*bundled().answers, bundled().models, bundled().version)]
)
def test_the_recording_names_no_path_of_the_machine_it_was_made_on(text: str) -> None:
    assert not re.search(r"/(root|home|Users|tmp)/", text)


def test_the_next_commands_can_be_typed_where_the_user_stands(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / ".venv" / "bin" / "qwright"
    program.parent.mkdir(parents=True)
    program.touch(mode=0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", [str(program), "demo"])
    monkeypatch.setenv("PATH", "/nowhere")
    assert words.own_name() == ".venv/bin/qwright"
    monkeypatch.setenv("PATH", str(program.parent))
    assert words.own_name() == "qwright"
