"""The table as text: rows by group, for the help screen and the documentation. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from tui.commands.command import Command, Group, key_title

_WHEN = {"always": "", "idle": "waits for the running turn", "running": "while a turn runs"}


@dataclass(frozen=True, slots=True)
class Row:
    """What a person reads about a command."""

    command: str
    key: str
    help: str
    when: str

    def holds(self, word: str) -> bool:
        """Whether the word stands anywhere in it, whatever its case."""
        return word.casefold() in f"{self.command} {self.key} {self.help}".casefold()


def row_of(command: Command) -> Row:
    """One row; aliases stand behind the name."""
    name = command.title
    if command.aliases:
        name += f" ({', '.join(f'/{alias}' for alias in command.aliases)})"
    return Row(name, key_title(command.key), command.help, _WHEN[command.when])


def grouped(commands: Sequence[Command]) -> Iterator[tuple[Group, list[Row]]]:
    """Rows by group, groups in the order of their first command."""
    seen: list[Group] = []
    for command in commands:
        if command.group not in seen:
            seen.append(command.group)
    for group in seen:
        yield group, [row_of(row) for row in commands if row.group == group]


def markdown(commands: Sequence[Command]) -> str:
    """The table for `docs/terminal.md`."""
    return "\n".join(_markdown_lines(commands))


def _markdown_lines(commands: Sequence[Command]) -> Iterable[str]:
    for group, rows in grouped(commands):
        yield f"### {group}"
        yield "| command | key | what it does |"
        yield "|---|---|---|"
        for row in rows:
            when = f" ({row.when})" if row.when else ""
            yield f"| {_code(row.command)} | {row.key} | {row.help}{when} |"
        yield ""


def _code(text: str) -> str:
    return f"`{text}`".replace("|", "\\|") if text else ""
