"""What parsers find: failures with their place, message, frames and the lines of the log that say so."""

import re
from dataclasses import dataclass
from enum import StrEnum

_ERROR = re.compile(
    r"^((?:[A-Za-z_]\w*\.)*[A-Za-z_]\w*(?:Error|Exception|Failure|Failed|Exit|Interrupt|Timeout|Warning))\b"
)


JOB = "job"
"""The tool of a failure of which nothing is known but that the job ended with it."""


class Kind(StrEnum):
    """What failed: a test, its collection, a program, a build, a lint, an installation, the machine, the set-up."""

    TEST = "test"
    COLLECTION = "collection"
    CRASH = "crash"
    BUILD = "build"
    LINT = "lint"
    DEPENDENCY = "dependency"
    INFRASTRUCTURE = "infrastructure"
    CONFIGURATION = "configuration"


@dataclass(frozen=True, slots=True)
class Frame:
    """A place in a source file; `line` counts from 1, 0 where the tool names none."""

    path: str
    line: int = 0
    function: str = ""


@dataclass(frozen=True, slots=True)
class Quote:
    """A decisive line and its number in the input, from 1."""

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Failure:
    """One failure. `frames` run from the outermost to the innermost.

    A `weak` one (a sign of the machine, a bare traceback, a summary by a wrapper) decides only where no strong one is.
    """

    tool: str
    kind: Kind
    name: str
    message: str
    error: str = ""
    frames: tuple[Frame, ...] = ()
    quotes: tuple[Quote, ...] = ()
    weak: bool = False
    source: str = ""
    passed_again: bool = False

    @property
    def last_resort(self) -> bool:
        """Whether it only says that the job failed."""
        return self.tool == JOB


def error_class(message: str) -> str:
    """The exception that a message begins with, "AssertionError" for a bare `assert`, else ""."""
    if message.startswith(("assert ", "Assertion", "assertion ")):
        return "AssertionError"
    match = _ERROR.match(message)
    return match[1].rpartition(".")[2] if match else ""
