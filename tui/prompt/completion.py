"""What stands at the cursor and can be completed: a command, its argument, a file. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from tui.commands.command import Command

Kind: TypeAlias = Literal["command", "argument", "file"]

_COMMAND = re.compile(r"/([\w:?.-]*)\Z")
_ARGUMENT = re.compile(r"/([\w:?.-]+) +(\S*)\Z")
_MENTION = re.compile(r'(?:\A|(?<=[\s("\'`]))@([^\s@"]*)\Z')


@dataclass(frozen=True, slots=True)
class Wanted:
    """The text from `start` (a column of the cursor's line) to the cursor is what a choice replaces."""

    kind: Kind
    query: str
    start: int
    command: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """A row of the list: what it shows, what is said of it, and what takes the place of the typed text."""

    title: str
    help: str
    text: str


def wanted(line: str, *, first_line: bool) -> Wanted | None:
    """What the text before the cursor, on its line, asks for. Commands stand only at the beginning."""
    if first_line and (match := _COMMAND.match(line)):
        return Wanted("command", match.group(1), 0)
    if match := _MENTION.search(line):
        return Wanted("file", match.group(1), match.start(1) - 1)
    if first_line and (match := _ARGUMENT.match(line)):
        return Wanted("argument", match.group(2), match.start(2), match.group(1))
    return None


def command_choices(commands: Sequence[Command], query: str) -> list[Choice]:
    """Commands whose name begins with the query, then those that hold it; aliases find their command."""
    named = [row for row in commands if row.name]
    begins = [row for row in named if any(name.startswith(query) for name in (row.name, *row.aliases))]
    holds = [row for row in named if row not in begins and query in row.name]
    return [Choice(row.title, row.help, f"/{row.name} ") for row in (*begins, *holds)]


def argument_choices(command: Command, query: str) -> list[Choice]:
    """Words that a command takes."""
    return [Choice(word, "", word) for word in command.choices if word.startswith(query) and word != query]


def quoted(path: str) -> str:
    """A path as it stands in a text: in quotation marks where it has a space."""
    return f'"{path}"' if re.search(r"\s", path) else path
