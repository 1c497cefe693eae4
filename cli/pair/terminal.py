"""Whether there is a terminal that a screen can be drawn on."""

import os
import sys

from cli.errors import UsageError


def check_terminal() -> None:
    """Raises `UsageError` where no screen can be drawn: without a terminal, or on one that cannot move its cursor."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError('The app needs a terminal; without one use `qwright run "what to do"`.')
    if os.environ.get("TERM", "") in ("", "dumb") and os.name == "posix":
        raise UsageError('This terminal cannot show the app (TERM=dumb); use `qwright run "what to do"`.')
