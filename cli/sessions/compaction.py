"""`qwright sessions compact ID`: sum up a session's old steps before it goes on. Needs the server, and no sandbox."""

import asyncio
import json
import signal
import sys
from argparse import Namespace
from dataclasses import asdict
from typing import TYPE_CHECKING

from agent.compaction.words import compacted_line
from agent.events import Compacted, Event
from agent.log import SessionLog
from agent.settings import Settings
from cli import exit_codes
from cli.errors import CommandError, UsageError
from cli.launching import load_engine, look_at, settings_of
from cli.lock import session_lock
from cli.place import PlaceSpec
from cli.printing import has_cursor, wants_colour
from cli.pulse import watched_client
from cli.render import Detail, TextRenderer
from cli.sessions.rows import SessionRow, find_session
from cli.settled import settled
from sandboxes.protocol import SandboxSpec
from serving.view import ServerView

if TYPE_CHECKING:
    from agent.session import Session

_ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def execute(options: Namespace) -> int:
    """Compact, and say what was left out; returns the exit code."""
    row = find_session(options.session)
    if not row.steps:
        raise UsageError(f"The session {row.session_id} has no steps yet; there is nothing to leave out.")
    given = {"base_url": row.meta.get("base_url"), "model": row.meta.get("model")}
    flags = {**given, **{key: value for key, value in vars(options).items() if value is not None}}
    config = settled(flags, PlaceSpec.from_meta(row.meta).host_repo()).values
    with session_lock(row.path.parent):
        settings = settings_of(config, look_at(config))
        load_engine()
        event = asyncio.run(_compact(row, settings, options.focus))
    if options.output == "json":
        print(json.dumps({"session_id": row.session_id, "compacted": asdict(event) if event else None}))
    else:
        print(compacted_line(event) if event else "There is nothing to leave out: the newest two steps always stay.")
    return exit_codes.DONE


async def _compact(row: SessionRow, settings: Settings, focus: str) -> Compacted | None:
    from agent.errors import Interrupted, SessionError
    from agent.opening import Parts
    from agent.session import open_session
    from sandboxes.local import LocalSandbox
    from tools.registry import toolset

    renderer = TextRenderer(sys.stderr, wants_colour(sys.stderr), Detail(), live=has_cursor(sys.stderr))

    def tell(event: Event) -> None:
        # What came of it is the command's result.
        if not isinstance(event, Compacted):
            renderer(event)

    log = SessionLog.open(row.path, create=False)
    view = ServerView(settings.endpoint.base_url, settings.endpoint.api_key)
    client = watched_client(settings, view, tell)
    # Nothing runs: the sandbox is never started. The tools are part of the prompt, so they are those of the session.
    nowhere = LocalSandbox(SandboxSpec(image="", workdir=str(row.path.parent)))
    tools = toolset(person=bool(log.meta().get("person")))
    try:
        session = open_session(log, settings, Parts(nowhere, tools, client, None, tell))
        return await _interruptible(session, focus)
    except Interrupted as stopped:
        raise CommandError(str(stopped), exit_codes.INTERRUPTED) from stopped
    except SessionError as error:
        raise UsageError(str(error)) from error
    finally:
        renderer.status.end()
        await client.close()
        await view.close()
        log.close()


async def _interruptible(session: "Session", focus: str) -> Compacted | None:
    loop = asyncio.get_running_loop()
    for number in _ENDING_SIGNALS:
        loop.add_signal_handler(number, session.cancel)
    try:
        return await session.compact(focus)
    finally:
        for number in _ENDING_SIGNALS:
            loop.remove_signal_handler(number)
