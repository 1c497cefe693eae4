"""This machine: git, the terminal, the configuration, the state directory."""

import asyncio
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cli.paths import config_file, sessions_dir, state_dir
from serving.doctor.finding import Check, Finding

LEAST_FREE = 1_000_000_000
OLDEST_GIT = (2, 25)


@dataclass(frozen=True, slots=True)
class Machine:
    """What the checks look at. `config_error` is the sentence about a configuration that cannot be used."""

    config_error: str = ""
    environment: Mapping[str, str] | None = None


async def config(machine: Machine) -> Sequence[Finding]:
    """The files and variables were read before; here is what came of it."""
    path = config_file()
    if machine.config_error:
        mend = "mend that line; `qwright config init` writes a valid file where there is none"
        return [Finding("configuration", "fail", machine.config_error, mend)]
    seen = f"valid; user's file: {path}" if path.exists() else "valid; no user's file, so defaults and environment"
    return [Finding("configuration", "ok", seen)]


async def state(_: Machine) -> Sequence[Finding]:
    """Sessions are written there, step by step."""
    folder = sessions_dir()
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"doctor")
        free = shutil.disk_usage(folder).free
    except OSError as error:
        seen = f"{folder} cannot be written ({error.strerror})"
        return [Finding("state directory", "fail", seen, "export QWRIGHT_STATE_DIR=a directory of yours")]
    return [space("state directory", state_dir(), free)]


def space(name: str, path: Path, free: int) -> Finding:
    """Free bytes where sessions or images are kept."""
    figures = {"free_bytes": free}
    if free < LEAST_FREE:
        mend = "make room, or export QWRIGHT_STATE_DIR=a directory on another disk"
        return Finding(name, "warn", f"{path} has {free / 1e9:.1f} GB left", mend, figures)
    return Finding(name, "ok", f"{path} is writable, {free / 1e9:,.0f} GB free", figures=figures)


async def git(_: Machine) -> Sequence[Finding]:
    """Repositories are read and patches made with it."""
    try:
        process = await asyncio.create_subprocess_exec(
            "git", "--version", stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE
        )
    except OSError:
        return [Finding("git", "fail", "is not installed, or not on the PATH", "apt install git (or your system's)")]
    try:
        out, _err = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return [judge_git(out.decode("utf-8", "replace"))]


def judge_git(text: str) -> Finding:
    """The words of `git --version`."""
    found = re.search(r"(\d+)\.(\d+)\S*", text)
    if found is None:
        return Finding("git", "fail", f"answers {text.strip()[:60]!r} to --version", "apt install git")
    if (int(found[1]), int(found[2])) < OLDEST_GIT:
        oldest = ".".join(map(str, OLDEST_GIT))
        return Finding("git", "warn", f"{found[0]} is older than {oldest}", f"install git {oldest} or newer")
    return Finding("git", "ok", found[0])


async def terminal(machine: Machine) -> Sequence[Finding]:
    """Size, colours and encoding of the terminal that this runs in."""
    environment = os.environ if machine.environment is None else machine.environment
    size = shutil.get_terminal_size()
    encoding = sys.stdout.encoding or ""
    return judge_terminal(sys.stdout.isatty(), (size.columns, size.lines), encoding, environment)


def judge_terminal(
    is_terminal: bool, size: tuple[int, int], encoding: str, environment: Mapping[str, str]
) -> Sequence[Finding]:
    """What a person will see; `size` is columns and lines."""
    findings: list[Finding] = []
    if encoding.lower().replace("-", "").replace("_", "") != "utf8":
        seen = f"the encoding is {encoding or 'unknown'}: marks and names outside of it show as stand-ins"
        findings.append(Finding("encoding", "warn", seen, "export LANG=C.UTF-8"))
    if not is_terminal:
        return [*findings, Finding("terminal", "skip", "output goes to a file or pipe, not to a terminal")]
    columns, lines = size
    term = environment.get("TERM", "")
    colours = "no colours (NO_COLOR)" if environment.get("NO_COLOR") else _colours(term, environment)
    seen = f"{columns} columns, {lines} lines, {colours}, {encoding}"
    if term in ("", "dumb"):
        seen = f"TERM is {term or 'not set'}: no colours, and no interactive screen"
        return [*findings, Finding("terminal", "warn", seen, "export TERM=xterm-256color, if the terminal can")]
    if columns < 80 or lines < 24:
        return [*findings, Finding("terminal", "warn", f"{seen}: rather small", "80 columns and 24 lines at least")]
    return [*findings, Finding("terminal", "ok", seen)]


def _colours(term: str, environment: Mapping[str, str]) -> str:
    if environment.get("COLORTERM") in ("truecolor", "24bit"):
        return "16 million colours"
    return "256 colours" if "256" in term else "16 colours"


CHECKS: Sequence[Check[Machine]] = (
    Check("configuration", "reads files, environment and flags", config),
    Check("state directory", "writes a file, looks for free space", state),
    Check("git", "asks for its version", git),
    Check("terminal", "looks at size, colours and encoding", terminal),
)
