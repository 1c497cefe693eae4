"""The grammar of `qwright replay`."""

from cli.parsers.common import Commands


def add_replay(commands: Commands) -> None:
    """Add `qwright replay`."""
    replay = commands.add_parser("replay", help="show a session again from its log, without model or sandbox")
    replay.set_defaults(module="cli.replay")
    replay.add_argument("session", metavar="ID", help="id of the session, or 'last'")
    replay.add_argument("--output", choices=["text", "stream-json"], default="text", help="form of the output")
    replay.add_argument("-v", "--verbose", action="store_true", help="show all that commands printed")
    replay.add_argument("--show-thinking", action="store_true", help="show the model's thoughts")
