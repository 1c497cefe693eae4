"""Opens the app. Nothing heavy is imported before it has painted."""

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from cli.pair.terminal import check_terminal

if TYPE_CHECKING:
    from tui.host import Host


def execute(options: Namespace) -> int:
    """See `cli.parsers.pair`."""
    check_terminal()
    from tui.app import QwrightApp

    host = _host(options)
    return (QwrightApp(host).run() or 0) if host is not None else 0


def _host(options: Namespace) -> "Host | None":
    """A new session is made behind the screen; an earlier one is looked for first, and may be chosen on one."""
    if options.go_on or options.resume is not None:
        from cli.pair.opening import host_for

        return host_for(options)
    from cli.pair.later import LaterHost

    return LaterHost(Path(options.repo).expanduser().resolve().name or options.repo, lambda: _new(options))


def _new(options: Namespace) -> "Host":
    from cli.errors import UsageError
    from cli.pair.opening import host_for

    host = host_for(options)
    if host is None:
        raise UsageError("No session was chosen.")
    return host
