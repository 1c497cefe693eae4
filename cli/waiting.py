"""How the wait for a server looks: one line that changes on a terminal, one a stage elsewhere."""

import sys
from collections.abc import Sequence
from typing import TextIO

from cli.printing import printable
from cli.progress import Progress


class Waiting:
    """A report for `serving.serve.ready`. Used as a context manager, so that the line is gone at its end.

    `quiet` where vLLM's own lines are shown instead.
    """

    def __init__(self, out: TextIO | None = None, *, quiet: bool = False) -> None:
        self._out = out or sys.stderr
        self._quiet = quiet
        self._progress = Progress(self._out)
        self._busy = ""

    def __enter__(self) -> "Waiting":
        return self

    def __exit__(self, *error: object) -> None:
        self._progress.__exit__(*error)

    def __call__(self, seconds: float, busy: str, last: str) -> None:
        """Show what vLLM is at."""
        if self._quiet:
            return
        if self._out.isatty():
            self._progress(f"{seconds:.0f} s, {busy}: {last}")
        elif busy != self._busy:
            self._busy = busy
            self._progress(f"{seconds:.0f} s, {busy}")


def echo(lines: Sequence[str]) -> None:
    """vLLM's lines on standard output; what could steer the terminal is made visible."""
    for line in lines:
        print(printable(line), flush=True)
