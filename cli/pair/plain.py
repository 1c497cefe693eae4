"""The conversation without a screen: a line is a request, and `qwright run` and `resume` do the work.

For TERM=dumb, as an editor's shell has it. Each request is a process of its own, so Ctrl-C ends that and no more.
"""

import subprocess
import sys
from argparse import Namespace
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from cli import exit_codes
from cli.pair.opening import is_here
from cli.sessions.rows import all_sessions

_INTRODUCTION = (
    "This terminal cannot show the app (TERM=dumb), so each line is a request, as `qwright run` does it. Ctrl-C ends "
    "a request, Ctrl-D the conversation."
)
_SERVER = ("base_url", "model", "thinking")
_PLACE = ("sandbox", "image", "network")


def converse(options: Namespace, session: str) -> int:
    """Read requests until the end of input; `session` is one to go on with, "" for a new one."""
    print(_INTRODUCTION)
    known = {row.session_id for row in all_sessions()}
    for text in chain([options.task] if options.task else [], _lines()):
        _wait(command(options, session, text))
        # A request that failed before it was taken in leaves none, and somebody else's are not ours.
        session = session or next((id for id in _begun(options.repo) if id not in known), "")
    return exit_codes.DONE


def command(options: Namespace, session: str, text: str) -> list[str]:
    """The command line of one request."""
    # A text that begins with a dash is no option.
    task = f" {text}" if text.startswith("-") else text
    if session:
        return ["resume", session, task, *_flags(options, _SERVER)]
    place = ["--repo", options.repo, "--workspace", options.workspace or "bind"]
    return ["run", task, *place, *_flags(options, (*_PLACE, *_SERVER))]


def _flags(options: Namespace, names: tuple[str, ...]) -> Iterator[str]:
    for name in names:
        if value := getattr(options, name):
            yield from (f"--{name.replace('_', '-')}", str(value))


def _lines() -> Iterator[str]:
    while True:
        try:
            text = input("> ").strip()
        except (EOFError, KeyboardInterrupt):
            print()
            return
        if text in ("/quit", "/exit"):
            return
        if text:
            yield text


def _wait(arguments: list[str]) -> None:
    process = subprocess.Popen([sys.executable, "-m", "cli.main", *arguments])
    while process.poll() is None:
        try:
            process.wait()
        except KeyboardInterrupt:
            # The request has heard it, too, and ends in its own way.
            continue


def _begun(repo: str) -> Iterator[str]:
    here = Path(repo).expanduser().resolve()
    return (row.session_id for row in all_sessions() if row.task and is_here(row, here))
