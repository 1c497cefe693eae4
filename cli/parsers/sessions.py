"""The grammar of `qwright sessions`."""

from cli.parsers.common import Commands


def add_sessions(commands: Commands) -> None:
    """Add `qwright sessions`."""
    sessions = commands.add_parser("sessions", help="list, show or export sessions")
    sessions.set_defaults(module="cli.sessions", action="list")
    actions = sessions.add_subparsers(metavar="ACTION", dest="action")
    listing = actions.add_parser("list", help="all sessions, newest first")
    listing.add_argument("--output", choices=["text", "json"], default="text")
    show = actions.add_parser("show", help="figures of one session")
    show.add_argument("session", metavar="ID")
    show.add_argument("--output", choices=["text", "json"], default="text")
    export = actions.add_parser("export", help="the log as JSON or Markdown, or the patch")
    export.add_argument("session", metavar="ID")
    export.add_argument("--format", choices=["json", "markdown", "patch"], default="json")
