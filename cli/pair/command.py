"""Opens the app. Nothing heavy is imported before it has painted."""

from argparse import Namespace

from cli.pair.terminal import check_terminal


def execute(options: Namespace) -> int:
    """See `cli.parsers.pair`."""
    check_terminal()
    from cli.pair.opening import host_for
    from tui.app import QwrightApp

    host = host_for(options)
    return (QwrightApp(host).run() or 0) if host is not None else 0
