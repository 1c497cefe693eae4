"""/sessions, /fork, /rename, /export."""

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from tui.commands.command import AppActions
from tui.past.ages import ago, first_line

if TYPE_CHECKING:
    from tui.past.host import SessionLine
    from tui.past.picker import PickerScreen

FORMS = ("markdown", "json")


def picker(lines: "Sequence[SessionLine]", picked: Callable[[str], None], left: Callable[[], None]) -> "PickerScreen":
    """The list of sessions; the text of all their requests is searched, their directory and id too."""
    from tui.past.picker import PickerRow, PickerScreen

    now = time.time()
    rows = [
        PickerRow(
            key=line.session_id,
            side=ago(now - line.changed),
            text=first_line(line.title),
            detail=f"{line.status}, {line.steps} steps · {'here' if line.here else line.repo} · {line.session_id}",
            also=line.asked,
        )
        for line in lines
    ]
    return PickerScreen("Sessions", rows, picked, left)


async def sessions(app: AppActions, argument: str) -> None:
    """Choose another session to take up; with an id, take that one up."""
    if argument:
        await app.restart(await app.host.past.open_session(argument))
        return
    lines = await app.host.past.sessions()
    if not lines:
        app.say("There is no other session yet.")
        return
    app.show(picker(lines, lambda key: app.submit(f"/sessions {key}"), lambda: None))


async def fork(app: AppActions, argument: str) -> None:
    """Go on in a copy of this session; `argument` names it."""
    await app.restart(await app.host.past.fork())
    if argument:
        app.host.past.rename(argument)
    app.say("This is a copy now; the session that it was made of stays as it is, in /sessions.")


async def rename(app: AppActions, argument: str) -> None:
    """Name this session."""
    if not argument:
        app.say("/rename NAME: give the name that lists are to show.")
        return
    app.host.past.rename(argument)
    app.say(f"This session is called {first_line(argument)!r} in lists.")


async def export(app: AppActions, argument: str) -> None:
    """Write this session to a file: `markdown` (default) or `json`, and a path if you like."""
    form, _, path = argument.partition(" ")
    if form and form not in FORMS:
        form, path = "markdown", argument
    chosen = "json" if form == "json" else "markdown"
    app.say(f"The session is in {await app.host.past.export(chosen, path.strip())}.")
