"""Opens the app. Nothing heavy is imported before it has painted."""

import gc
from argparse import Namespace
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from cli.errors import UsageError
from cli.pair.backdrop import Backdrop
from cli.pair.look import look_of
from cli.pair.terminal import can_draw

if TYPE_CHECKING:
    from tui.faces.setup import Choice, Setup
    from tui.host import Host


def execute(options: Namespace) -> int:
    """See `cli.parsers.pair`. A session is made behind the screen; an earlier one is looked for first."""
    drawn = can_draw()
    if not drawn and options.resume == "":
        raise UsageError("This terminal cannot show the list (TERM=dumb); name one: `qwright sessions list`, -r ID.")
    session = _session(options)
    if session is None:
        return 0
    if not drawn:
        from cli.pair.plain import converse

        return converse(options, session)
    backdrop = Backdrop()
    # Loading makes many objects and no garbage: the collector would only scan them. The app switches it on again.
    gc.disable()
    try:
        from cli.pair.later import LaterHost
        from tui.app import QwrightApp
        from tui.faces.setup import Choice
    finally:
        look = look_of(backdrop)

    title = Path(options.repo).expanduser().resolve().name or options.repo
    host = LaterHost(title, partial(_made, options), partial(_setup, options), Choice(session=session))
    return QwrightApp(host, look=look, request=options.task or "").run() or 0


def _session(options: Namespace) -> str | None:
    if not options.go_on and options.resume is None:
        return ""
    from cli.pair.opening import session_asked_for

    return session_asked_for(options)


def _made(options: Namespace, choice: "Choice") -> "Host":
    from cli.pair.opening import host_for

    return host_for(options, choice)


def _setup(options: Namespace, choice: "Callable[[], Choice]", chosen: "Callable[[Choice], None]") -> "Setup":
    from cli.pair.setup import PairSetup

    return PairSetup(options, choice, chosen)
