"""What goes to standard output and what beside it: a run of the recorded model in the local sandbox."""

import asyncio
import json
import subprocess
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

import pytest

from cli.demo import material
from cli.demo.recorded import bundled
from cli.demo.server import serving
from tests.cli.programs import argv, environment, qwright
from tests.cli.terminal import Terminal, on_terminal


@dataclass(frozen=True, slots=True)
class Ground:
    """A broken repository below `folder`, and a server that knows how to mend it."""

    folder: Path
    base_url: str

    def arguments(self, *more: str) -> list[str]:
        repo = str(self.folder / material.NAME)
        return ["run", material.TASK, "--repo", repo, "--sandbox", "local", "--base-url", self.base_url, *more]

    def run(self, *more: str) -> "subprocess.CompletedProcess[str]":
        return qwright(self.folder, *self.arguments(*more))

    def terminal(self, *more: str, stdout: int | None = None) -> Terminal:
        return on_terminal(argv(*self.arguments(*more)), environment(self.folder), self.folder, stdout)


@pytest.fixture
def ground(tmp_path: Path) -> Generator[Ground]:
    asyncio.run(material.lay_out(tmp_path))
    with serving(bundled(), 0.0) as base_url:
        yield Ground(tmp_path, base_url)


def applies(ground: Ground, patch: bytes) -> bool:
    file = ground.folder / "out.patch"
    file.write_bytes(patch)
    command = ["git", "apply", "--check", str(file)]
    return subprocess.run(command, cwd=ground.folder / material.NAME, check=False).returncode == 0


def test_standard_output_is_the_patch_and_progress_stands_beside_it(ground: Ground) -> None:
    ran = ground.run()
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith("diff --git")
    assert applies(ground, ran.stdout.encode())
    for words in ("1 think  first step of a request", "bash python3 -m unittest", "7 steps in", "done after 7 steps"):
        assert words in ran.stderr
    assert "\x1b" not in ran.stderr
    assert "\r" not in ran.stderr


def test_quiet_leaves_only_the_patch(ground: Ground) -> None:
    ran = ground.run("--quiet")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert applies(ground, ran.stdout.encode())


def test_a_quiet_run_that_does_not_finish_says_so(ground: Ground) -> None:
    ran = ground.run("-q", "--max-steps", "1")
    assert ran.returncode == 5
    assert ran.stderr.startswith("qwright: limit: ")
    assert len(ran.stderr.splitlines()) == 1


def test_json_is_alone_on_standard_output_and_progress_is_still_shown(ground: Ground) -> None:
    ran = ground.run("--output", "json")
    assert json.loads(ran.stdout)["status"] == "done"
    assert "1 think  first step of a request" in ran.stderr
    quiet = ground.run("--output", "json", "--quiet")
    assert (json.loads(quiet.stdout)["steps"], quiet.stderr) == (7, "")


def test_thoughts_and_whole_outputs_are_shown_when_asked_for(ground: Ground) -> None:
    plain = ground.run().stderr
    full = ground.run("--verbose", "--show-thinking").stderr
    recorded = "FAIL: test_"
    assert full.count(recorded) > plain.count(recorded)
    assert "more above" in plain
    assert "more above" not in full
    thought = json.loads((Path(material.__file__).parent / "recording/conversation.json").read_text())
    word = thought[0]["turns"][0]["think"].split(".")[0][:40]
    assert word in " ".join(full.split())
    assert word not in " ".join(plain.split())


def test_quiet_and_verbose_contradict_each_other(ground: Ground) -> None:
    ran = ground.run("-q", "-v")
    assert ran.returncode == 2
    assert "--quiet shows only the result" in ran.stderr


def test_on_a_terminal_a_status_line_comes_and_goes_and_the_diff_follows(ground: Ground) -> None:
    seen = ground.terminal()
    assert seen.wait() == 0
    assert "\x1b[2mbash python3 -m unittest\x1b[0m\r\x1b[2K" in seen.seen
    lines = [line.rpartition("\x1b[2K")[2] for line in seen.seen.split("\n")]
    told = [line for line in lines if line.startswith("   \x1b[1mbash\x1b[0m python3 -m unittest")]
    assert len(told) == 2, told
    assert "\x1b[1mdiff --git" in seen.seen


def test_on_a_terminal_standard_output_can_still_be_a_file(ground: Ground) -> None:
    with (ground.folder / "fix.patch").open("wb") as file:
        seen = ground.terminal(stdout=file.fileno())
    assert seen.wait() == 0
    assert "diff --git" not in seen.seen
    assert applies(ground, (ground.folder / "fix.patch").read_bytes())
