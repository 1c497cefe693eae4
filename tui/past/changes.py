"""/diff and /commit."""

from tui.commands.command import AppActions

SCOPES = ("turn", "session")


async def diff(app: AppActions, argument: str) -> None:
    """What changed since the last request (`turn`, default) or since the session began (`session`)."""
    if argument and argument not in SCOPES:
        app.say(f"/diff {argument}: choose turn or session.")
        return
    so_far = ", as far as its steps are done" if app.running else ""
    found = await app.host.past.diff("session" if argument == "session" else "turn")
    if not found.files:
        app.say(f"Nothing has changed in this {argument or 'turn'}{so_far}.")
        return
    from tui.past.diff_screen import DiffScreen

    count = "1 file" if len(found.files) == 1 else f"{len(found.files)} files"
    app.show(DiffScreen(f"Changes of this {argument or 'turn'}{so_far}: {count}", found))


async def commit(app: AppActions, argument: str) -> None:
    """Commit what the agent changed; without a message one is drafted and shown for editing."""
    if argument:
        app.say(await app.host.past.commit(argument))
        return
    from tui.past.commit_screen import CommitScreen

    app.show(CommitScreen(await app.host.past.draft(), app.submit))
