"""On a terminal without a screen a line is a request, and the conversation goes on from one to the next."""

import asyncio
import os
import pty
import sys
from argparse import Namespace
from pathlib import Path

import pytest

from cli.pair.plain import command
from tests.cli.programs import environment
from tests.fakes.counting_vllm import Asked, CountingVllm, Said
from tests.fakes.http_server import HttpServer

pytestmark = pytest.mark.timeout(120)


class DumbTerminal:
    """`qwright` in a pseudo-terminal of this kind."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        argv = [sys.executable, "-m", "cli.main", "pair", "--repo", str(folder / "repo"), *arguments]
        self.child, self.terminal = pty.fork()
        if self.child == 0:
            os.chdir(folder)
            os.execve(sys.executable, argv, environment(folder, TERM="dumb"))
        self.text = ""

    async def until(self, words: str, times: int = 1) -> None:
        """Read until this was said so often."""
        while self.text.count(words) < times:
            self.text += (await asyncio.to_thread(os.read, self.terminal, 4096)).decode(errors="replace")

    def say(self, line: str) -> None:
        os.write(self.terminal, line.encode())

    async def end(self) -> int:
        """Close and give the exit code."""
        self.say("\x04")
        code = await asyncio.to_thread(lambda: os.waitstatus_to_exitcode(os.waitpid(self.child, 0)[1]))
        os.close(self.terminal)
        return code


async def test_each_line_is_a_request_of_one_conversation(tmp_path: Path) -> None:
    (tmp_path / "repo").mkdir()
    (tmp_path / "repo" / "a.txt").write_text("a\n")

    def answer(asked: Asked) -> Said:
        return Said(f"Answer {asked.prompt.count('please')}.")

    async with HttpServer(CountingVllm(answer, 65_536)) as server:
        terminal = DumbTerminal(tmp_path, "--base-url", server.url, "--sandbox", "local", "zero, please")
        await terminal.until("Answer 1.")
        await terminal.until("\n> ", 2)
        assert "TERM=dumb" in terminal.text
        terminal.say("one, please\n")
        await terminal.until("Answer 2.")
        await terminal.until("\n> ", 4)
        assert await terminal.end() == 0


async def test_a_list_cannot_be_shown_there(tmp_path: Path) -> None:
    (tmp_path / "repo").mkdir()
    terminal = DumbTerminal(tmp_path, "-r")
    await terminal.until("qwright sessions list")
    assert await terminal.end() == 2


def test_a_request_that_begins_with_a_dash_is_no_option() -> None:
    options = Namespace(
        base_url="http://x/v1",
        model=None,
        thinking=None,
        sandbox=None,
        image="i",
        network=None,
        workspace=None,
        repo=".",
    )
    assert command(options, "", "-rf is gone")[:2] == ["run", " -rf is gone"]
    assert command(options, "", "go")[2:] == [
        "--repo", ".", "--workspace", "bind", "--image", "i", "--base-url", "http://x/v1"
    ]  # fmt: skip
    assert command(options, "20260101", "go") == ["resume", "20260101", "go", "--base-url", "http://x/v1"]
