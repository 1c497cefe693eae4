"""A request and what the person ran beside it: one text for the model, taken apart again for the screen. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

# The rest of a longer output can be had by running the command again; the beginning and the end tell most.
MOST_CHARACTERS = 8000

_BEGIN, _END = "<user_shell>", "</user_shell>"
_WHY = "The user ran this in the sandbox before the request above. It is information, not a task."
_BLOCK = re.compile(rf"\n\n{_BEGIN}\n{re.escape(_WHY)}\n(.*)\n{_END}\Z", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Ran:
    """One command of the person; `exit_code` None when it was ended."""

    command: str
    output: str
    exit_code: int | None

    def text(self) -> str:
        """What the model reads of it."""
        output = self.output.rstrip("\n")
        if (left := len(output) - MOST_CHARACTERS) > 0:
            half = MOST_CHARACTERS // 2
            output = f"{output[:half]}\n[{left:,} characters left out]\n{output[-half:]}"
        how = "ended before it was done" if self.exit_code is None else f"exit code {self.exit_code}"
        return "\n".join(part for part in (f"$ {self.command}", output, f"[{how}]") if part)


def with_runs(text: str, runs: Sequence[Ran]) -> str:
    """The request for the model."""
    if not runs:
        return text
    told = "\n\n".join(run.text() for run in runs).replace(_END, "</ user_shell>")
    return f"{text}\n\n{_BEGIN}\n{_WHY}\n{told}\n{_END}"


def as_typed(text: str) -> str:
    """The request as the person typed it, with a line that says what else was sent."""
    match = _BLOCK.search(text)
    if match is None:
        return text
    lines = match.group(1).count("\n") + 1
    return f"{text[: match.start()]}\n+ {lines} lines of what you ran with !"
