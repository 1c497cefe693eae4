"""/checks and /map."""

from agent.check_kinds import KINDS, CheckKind, kind_named
from tui.commands.command import AppActions

_WHEN: dict[CheckKind, str] = {"lint": "after each step that edits", "test": "before a turn that edited ends"}
_USAGE = "Write /checks lint COMMAND, /checks test COMMAND, /checks on, or /checks off."


async def checks(app: AppActions, argument: str) -> None:
    """What runs after edits; sets it, accepts what the project's file says, or turns it off."""
    word, _, command = argument.partition(" ")
    kind = kind_named(word)
    if kind is not None and command.strip():
        app.host.project.use_check(kind, command.strip())
        app.say(f"`{command.strip()}` runs {_WHEN[kind]}, in this session. A failure goes to the model.")
    elif word == "on":
        _accept(app)
    elif word == "off":
        for one in KINDS:
            app.host.project.drop_check(one)
        app.say("Nothing runs after edits in this session.")
    elif argument:
        app.say(f"/checks {argument}: not understood. {_USAGE}")
    else:
        await _tell(app)


def _accept(app: AppActions) -> None:
    """Take over what the project's configuration says."""
    theirs = [line for line in app.host.project.checks() if not line.runs]
    for line in theirs:
        app.host.project.use_check(line.kind, line.command)
        app.say(f"`{line.command}` runs {_WHEN[line.kind]}, in this session.")
    if not theirs:
        app.say(f"There is nothing to accept. {_USAGE}")


async def _tell(app: AppActions) -> None:
    known = app.host.project.checks()
    for line in known:
        state = f"runs {_WHEN[line.kind]}" if line.runs else "does not run"
        why = (
            ""
            if line.runs
            else "; mode and rules do not allow it"
            if line.own
            else "; this project says so: /checks on"
        )
        app.say(f"{line.kind}: `{line.command}` {state}{why}.")
    for offer in await app.host.project.offers():
        app.say(f"{offer.because} suggests: /checks {offer.kind} {offer.command}")
    if not known:
        app.say(f"Nothing runs after edits. {_USAGE}")


async def show_map(app: AppActions, argument: str) -> None:
    """Show the project in short; `send` before the words hands it to the model with the next request."""
    word, _, rest = argument.partition(" ")
    send = word == "send"
    made = await app.host.project.map((rest if send else argument).strip())
    if not made.shown:
        app.say(f"No file fits {argument!r}.")
    elif send:
        app.host.project.send_map(made)
        app.say(f"The model reads the map of {made.shown} files ({made.tokens:,} tokens) with your next request.")
    else:
        from tui.project.map_screen import MapScreen

        app.show(MapScreen(made))
