"""Launch to first paint, and key to letter, beside other coding agents in the terminal: `make bench-peers`.

`python -m benchmarks.peers FOLDER [--python python3.12]`. Each peer is installed from PyPI into an environment of its
own in FOLDER, which is kept, and needs no account: it comes as far as its prompt. What is compared is the screen and
nothing of the agent. The programs take turns, so that a busy machine is busy for all of them, and the key echo is that
of an empty conversation; `benchmarks.tui_echo` has ours under a stream. A letter goes its way in the program's terminal
alone, as in `benchmarks.tui_echo`.
"""

import argparse
import fcntl
import os
import pty
import shutil
import signal
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.first_paint import BARE
from benchmarks.tui_echo import Terminal, p95

RUNS = 5
SETTLE_S = 3.0
# Nobody listens there: no figure is of a server.
NOWHERE = "http://127.0.0.1:9/v1"


@dataclass(frozen=True, slots=True)
class Program:
    """`shows` is a text of the first screen that has the prompt; `typing` whether a person can type there."""

    name: str
    command: Sequence[str]
    shows: str
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    typing: bool = True


@dataclass(frozen=True, slots=True)
class Peer:
    """A package of PyPI with its program, and what makes it come up without an account."""

    package: str
    program: str
    shows: str
    arguments: Sequence[str] = ()
    environment: Mapping[str, str] = field(default_factory=dict[str, str])


PEERS = (
    Peer("mistral-vibe", "vibe", "accept edits", environment={"MISTRAL_API_KEY": "none"}),
    Peer(
        "deepagents-code",
        "deepagents-code",
        "Context:",
        ("--model", "openai:gpt-5"),
        {
            "OPENAI_API_KEY": "none",
            "OPENAI_BASE_URL": NOWHERE,
            "DEEPAGENTS_CODE_ONBOARDING": "0",
            "DEEPAGENTS_CODE_AUTO_UPDATE": "0",
            "DEEPAGENTS_CODE_NO_UPDATE_CHECK": "1",
        },
    ),
)


def installed(peer: Peer, folder: Path, python: str) -> Program:
    """The peer in an environment of its own, made if it is not there. Raises `CalledProcessError`."""
    place = folder / peer.package
    program = place / "bin" / peer.program
    if not program.exists():
        print(f"installing {peer.package} into {place}", flush=True)
        subprocess.run([python, "-m", "venv", place], check=True)
        subprocess.run([place / "bin" / "python", "-m", "pip", "install", "--quiet", peer.package], check=True)
    ask = f"import importlib.metadata; print(importlib.metadata.version({peer.package!r}))"
    version = subprocess.check_output([place / "bin" / "python", "-c", ask], text=True).strip()
    return Program(f"{peer.package} {version}", [str(program), *peer.arguments], peer.shows, peer.environment)


@contextmanager
def model_server() -> Generator[str]:
    """The address of a server that serves a model and is asked nothing."""
    server = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.scripted_server", "1"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None
    try:
        yield f"http://127.0.0.1:{server.stdout.readline().strip()}/v1"
    finally:
        server.kill()
        server.wait()


@contextmanager
def launched(program: Program, folder: Path) -> Generator[tuple[Terminal, float]]:
    """The program in a pseudo-terminal, painted, and the seconds that took. Its home is FOLDER/home."""
    home = folder / "home"
    home.mkdir(exist_ok=True)
    own = {"HOME": str(home), "TERM": "xterm-256color", **program.environment}
    kept = {name: value for name, value in os.environ.items() if not name.endswith(("_API_KEY", "_BASE_URL"))}
    began = time.perf_counter()
    child, file = pty.fork()
    if child == 0:
        os.chdir(folder / "project")
        os.execve(program.command[0], list(program.command), {**kept, **own})
    try:
        fcntl.ioctl(file, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
        terminal = Terminal(child, file)
        terminal.until(program.shows)
        yield terminal, time.perf_counter() - began
    finally:
        os.killpg(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(file)


def paint_s(program: Program, folder: Path) -> float:
    with launched(program, folder) as (_, seconds):
        return seconds


def echo_ms(program: Program, folder: Path) -> float:
    """p95 of the letters of an idle prompt."""
    with launched(program, folder) as (terminal, _):
        terminal.rest(SETTLE_S)
        return p95(terminal.echoes().wall_ms)


def measure(programs: Sequence[Program], folder: Path) -> None:
    """Print a row of a table for each program; the first one is what the others are compared with."""
    (folder / "project").mkdir()
    for program in programs:
        paint_s(program, folder)
    paints = [[paint_s(program, folder) for program in programs] for _ in range(RUNS)]
    print(f"{'':32}{'first paint':>12}{'':>12}{'key echo, p95':>16}")
    for number, program in enumerate(programs):
        seconds = statistics.median(run[number] for run in paints)
        ratio = statistics.median(run[number] / run[0] for run in paints)
        echo = f"{echo_ms(program, folder):13.0f} ms" if program.typing else f"{'-':>16}"
        print(f"{program.name:32}{seconds:10.2f} s{ratio:10.1f} x{echo}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--python", default="python3.12", help="with which the peers are installed")
    options = parser.parse_args()
    python = shutil.which(str(options.python))
    if python is None:
        raise SystemExit(f"There is no {options.python}, which the peers need; name a Python by --python.")
    folder = Path(options.folder).resolve()
    qwright = str(Path(sys.executable).parent / "qwright")
    peers: list[Program] = []
    for peer in PEERS:
        try:
            peers.append(installed(peer, folder, python))
        except (subprocess.CalledProcessError, OSError) as error:
            print(f"{peer.package} is left out, it cannot be installed: {error}")
    with tempfile.TemporaryDirectory() as name, model_server() as address:
        ours = [qwright, "--base-url", address, "--sandbox", "local", "--workspace", "copy"]
        bare = Program("a bare Textual app", [sys.executable, "-c", BARE], "Ask, or describe", typing=False)
        measure([bare, Program("qwright", ours, "sk, or describe"), *peers], Path(name))


if __name__ == "__main__":
    main()
