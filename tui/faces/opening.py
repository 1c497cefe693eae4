"""Opens the session, with the faces of what stands in the way until it is open or the person has had enough."""

from collections.abc import Awaitable

from tui.faces.shelter import sheltered
from tui.host import HostFailed
from tui.opened import Opened
from tui.session_app import SessionApp


async def opened_by(app: SessionApp, attempt: Awaitable[Opened]) -> Opened | None:
    """The session once it is open; None where the person looks at the screen first, or quits."""
    app.status.begin("opening")
    try:
        return await sheltered(attempt)
    except HostFailed as failed:
        return await mended_by(app, failed)


async def mended_by(app: SessionApp, failed: HostFailed) -> Opened | None:
    """The same from a trouble on. Must run in a worker of the app."""
    # Most sessions open; what is needed when one does not must not delay the first paint.
    from tui.faces.mending import mended

    status = app.status
    while True:
        status.rest("not ready")
        verdict = await mended(app, failed)
        if verdict == "quit":
            await app.action_quit()
            return None
        if verdict == "later":
            status.rest("not ready · /reopen")
            app.say(f"{failed} /reopen tries again.")
            return None
        status.begin("opening")
        try:
            return await sheltered(app.host.reopen())
        except HostFailed as again:
            failed = again
