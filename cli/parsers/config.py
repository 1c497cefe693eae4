"""The grammar of `qwright config`."""

from cli.parsers.common import Commands


def add_config(commands: Commands) -> None:
    """Add `qwright config`."""
    config = commands.add_parser("config", help="show the configuration and where each value came from")
    config.set_defaults(module="cli.config_command", action="show")
    actions = config.add_subparsers(metavar="ACTION", dest="action")
    actions.add_parser("show", help="every value and its source")
    actions.add_parser("path", help="the files that are read")
    actions.add_parser("init", help="write a commented user configuration")
