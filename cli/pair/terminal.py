"""Whether there is a terminal, and whether a screen can be drawn on it."""

import os
import sys

from cli.errors import UsageError


def can_draw() -> bool:
    """False on a terminal that cannot move its cursor. Raises `UsageError` where there is no terminal at all."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError('The app needs a terminal; without one use `qwright run "what to do"`.')
    for name in ("COLUMNS", "LINES"):
        # Whoever used readline exports its own size (80 x 24 without a terminal), and Textual believes it.
        os.environ.pop(name, None)
    return not (os.environ.get("TERM", "") in ("", "dumb") and os.name == "posix")
