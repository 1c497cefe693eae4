"""The grammar of `qwright sandbox`."""

from cli.parsers.common import Commands


def add_sandbox(commands: Commands) -> None:
    """Add `qwright sandbox`."""
    sandbox = commands.add_parser("sandbox", help="build the default image; list or remove containers")
    sandbox.set_defaults(module="cli.sandbox_command", action="ls")
    actions = sandbox.add_subparsers(metavar="ACTION", dest="action")
    actions.add_parser("build", help="build the default image, without a registry if need be")
    actions.add_parser("ls", help="containers of qwright on this engine")
    prune = actions.add_parser("prune", help="remove containers whose owner is gone")
    prune.add_argument("--all", action="store_true", help="also those of other machines, whose owners cannot be asked")
