"""The grammar of `qwright sessions`."""

from cli.parsers.common import Commands, server_options
from cli.parsers.quantities import span


def add_sessions(commands: Commands) -> None:
    """Add `qwright sessions`."""
    sessions = commands.add_parser("sessions", help="list, show or export sessions")
    sessions.set_defaults(module="cli.sessions.command", action="list")
    actions = sessions.add_subparsers(metavar="ACTION", dest="action")
    listing = actions.add_parser("list", help="all sessions, newest first")
    listing.add_argument("--output", choices=["text", "json"], default="text")
    listing.add_argument("-n", dest="number", type=int, metavar="N", help="the newest N only")
    show = actions.add_parser("show", help="figures of one session")
    show.add_argument("session", metavar="ID")
    show.add_argument("--output", choices=["text", "json"], default="text")
    export = actions.add_parser("export", help="the log as JSON or Markdown, or the patch")
    export.add_argument("session", metavar="ID")
    export.add_argument("--format", choices=["json", "markdown", "patch"], default="json")
    compaction = actions.add_parser("compact", help="let the model sum up a session's old steps, before it goes on")
    compaction.add_argument("session", metavar="ID", help="id of the session, or 'last'")
    compaction.add_argument("--focus", default="", metavar="TEXT", help="what the summary should keep in particular")
    server_options(compaction)
    compaction.add_argument("--output", choices=["text", "json"], default="text")
    removal = actions.add_parser("rm", help="remove sessions with their logs and snapshots")
    removal.add_argument("sessions", metavar="ID", nargs="+", help="ids, unique beginnings of ids, or 'last'")
    removal.add_argument("--yes", action="store_true", help="do not ask")
    prune = actions.add_parser("prune", help="remove old sessions")
    prune.add_argument("--older-than", type=span, metavar="SPAN", help="those unchanged for so long: 30d, 12h, 2w")
    prune.add_argument("--keep", type=int, metavar="N", help="but never the newest N")
    prune.add_argument("--yes", action="store_true", help="do not ask")
