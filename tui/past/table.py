"""This folder's rows of the table of commands."""

from tui.commands.command import Command
from tui.past import changes, sessions, undoing

PAST_COMMANDS: tuple[Command, ...] = (
    Command(
        "undo",
        "take the last request back, with the files it changed; yours stay",
        undoing.undo,
        group="Changes",
        argument="[both|conversation|files]",
        choices=undoing.WHAT,
        when="idle",
    ),
    Command("redo", "take the last undo or rewind back", undoing.redo, group="Changes", when="idle"),
    Command(
        "rewind",
        "go back to before an earlier request: conversation, files, or both",
        undoing.rewind,
        group="Changes",
        argument="[N]",
        when="idle",
    ),
    Command(
        "diff",
        "what changed since the last request, or in the whole session",
        changes.diff,
        group="Changes",
        argument="[turn|session]",
        choices=changes.SCOPES,
    ),
    Command(
        "commit",
        "commit the files that the agent changed, and no others; the message is drafted",
        changes.commit,
        group="Changes",
        when="idle",
    ),
    Command(
        "continue",
        "go on with the request that was interrupted",
        undoing.go_on,
        group="Session",
        when="idle",
    ),
    Command(
        "sessions",
        "take up another session, chosen from a list that can be searched",
        sessions.sessions,
        aliases=("resume",),
        argument="[ID]",
        when="idle",
    ),
    Command("fork", "go on in a copy of this session", sessions.fork, argument="[NAME]", when="idle"),
    Command("rename", "name this session", sessions.rename, argument="NAME"),
    Command(
        "export",
        "write this session to a file",
        sessions.export,
        argument="[markdown|json] [PATH]",
        choices=sessions.FORMS,
    ),
)
