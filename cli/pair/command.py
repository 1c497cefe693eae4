"""Opens the app. Nothing heavy is imported before it has painted."""

from argparse import Namespace


def execute(options: Namespace) -> int:
    """See `cli.parsers.pair`."""
    from cli.pair.opening import host_for
    from tui.app import QwrightApp

    return QwrightApp(host_for(options)).run() or 0
