"""From what was typed to a row of the table. Pure."""

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from tui.commands.command import Command

# A path such as /usr/bin is no command.
_LINE = re.compile(r"/([\w:?.-]*)(?:\s+(.*))?\Z", re.DOTALL)


@dataclass(frozen=True, slots=True)
class CommandLine:
    """`/name argument`."""

    name: str
    argument: str


def command_line(text: str) -> CommandLine | None:
    """The command that a text is, or None for a request."""
    match = _LINE.match(text.strip())
    return CommandLine(match.group(1), (match.group(2) or "").strip()) if match else None


def find(commands: Sequence[Command], name: str) -> Command | None:
    """The command of this name or alias."""
    return next((row for row in commands if row.name and name in (row.name, *row.aliases)), None)


def unknown(commands: Sequence[Command], name: str) -> str:
    """The sentence for a name that stands for nothing, with the nearest that do."""
    names = [known for row in commands if row.name for known in (row.name, *row.aliases)]
    near = difflib.get_close_matches(name, names, 3, 0.6) or [
        known for known in names if name and known.startswith(name[:1])
    ]
    hint = f" Did you mean {' or '.join(f'/{known}' for known in near[:3])}?" if near else ""
    return f"There is no command /{name}.{hint} /help shows all."


def refusal(command: Command, *, running: bool) -> str:
    """Why a command cannot run now, or ""."""
    if command.when == "running" and not running:
        return f"{command.title or 'This'} is for a running turn, and none runs."
    return ""
