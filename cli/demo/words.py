"""What the demo says around the session: first what is real in it and what is not, at the end what to do next."""

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from cli.demo.check import Checked
from cli.demo.ground import Ground
from cli.printing import dimmed, printable


@dataclass(frozen=True, slots=True)
class Words:
    """Writes to `out`, in colour when it is a terminal that wants it."""

    out: TextIO
    colour: bool

    def introduction(self, live: bool) -> None:
        """What is about to be shown."""
        about = (
            "Everything is real here, the model too: it finds its own words and may fail."
            if live
            else "The engine, the tools, the sandbox and the bug are real. The model is not: its\n"
            "words were written beforehand, recorded from a vLLM server, and are replayed\n"
            "over HTTP. No GPU is used, and nothing is sent out."
        )
        self._lines(
            self._bold("qwright demo") + ": a small repository, two failing tests, one bug",
            "",
            *about.split("\n"),
            "",
        )

    def facts(self, model: str, ground: Ground) -> None:
        """What the session runs on."""
        self._lines(
            f"{self._dim('model  ')}  {model}",
            f"{self._dim('sandbox')}  {ground.sentence}",
            "",
        )

    def fallback(self, reason: str) -> None:
        """Said when the container could not be had after all."""
        about = f"local, because Docker could not be used. {printable(reason)}"
        self._lines(f"{self._dim('sandbox')}  {about}", "")

    def checking(self) -> None:
        """Said before the check, which takes a moment."""
        self._lines("", self._dim("Checking: the patch on a fresh copy, the original tests, a new sandbox …"))

    def verdict(self, checked: Checked) -> None:
        """What the tests said about the result."""
        if checked.green:
            self._lines(self._style("32", f"tests: {checked.passed} passed"))
            return
        self._lines(*printable(checked.said).splitlines()[-20:], self._style("31", "tests: not green"))

    def farewell(self, live: bool) -> None:
        """The next steps."""
        me = own_name()
        mine = [("The same bug with your own model on vLLM:", f"{me} demo --base-url http://HOST:8000/v1")]
        rows = [
            *([] if live else mine),
            ("A task of yours, in your repository:", f'{me} run "TASK" --base-url http://HOST:8000/v1'),
            ("This session once more, from its log:", f"{me} replay last"),
        ]
        for what, command in rows:
            self._lines("", self._dim(what), f"  {command}")

    def _lines(self, *lines: str) -> None:
        self.out.write("".join(line + "\n" for line in lines))
        self.out.flush()

    def _dim(self, text: str) -> str:
        return dimmed(text, self.colour)

    def _bold(self, text: str) -> str:
        return self._style("1", text)

    def _style(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.colour else text


def own_name() -> str:
    """How the person can call this program again: by name where the shell finds it, else by its path."""
    program = Path(sys.argv[0])
    found = shutil.which("qwright")
    if found is not None and program.exists() and Path(found).samefile(program):
        return "qwright"
    if program.name != "qwright":
        return "qwright"
    here = Path.cwd()
    return str(program.relative_to(here)) if program.is_relative_to(here) else str(program)
