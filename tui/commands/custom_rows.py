"""The texts of users and projects as rows of the table."""

from collections.abc import Awaitable, Callable, Sequence

from tui.commands.command import AppActions, Command
from tui.commands.custom import CustomCommand


def as_rows(custom: Sequence[CustomCommand], known: Callable[[str], bool]) -> tuple[list[Command], list[str]]:
    """Rows for the table, and names that are taken. Of two with one name the first counts."""
    rows: dict[str, Command] = {}
    taken: list[str] = []
    for command in custom:
        if known(command.name):
            taken.append(command.name)
        elif command.name and command.name not in rows:
            told = f"{command.description} ({command.source})"
            rows[command.name] = Command(
                command.name, told, _handler(command), group="Custom", argument=command.argument
            )
    return list(rows.values()), taken


def _handler(command: CustomCommand) -> Callable[[AppActions, str], Awaitable[None]]:
    async def run(app: AppActions, argument: str) -> None:
        if command.source == "project":
            app.say(f"/{command.name} is a text of this project, not of yours; it is sent as it stands below.")
        app.ask(command.request(argument))

    return run
