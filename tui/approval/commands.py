"""/mode and /permissions."""

from agent.permissions.modes import MODES, TITLES, mode_named, next_mode
from tui.commands.command import AppActions


async def mode(app: AppActions, argument: str) -> None:
    """What the model may do without asking, from its next call on; without a word the next mode."""
    chosen = mode_named(argument) if argument else next_mode(app.host.mode)
    if chosen is None:
        app.say(f"/mode {argument}: there is no such mode; choose {', '.join(MODES[:-1])} or {MODES[-1]}.")
        return
    app.host.set_mode(chosen)
    app.draw_mode()
    if argument:
        app.say(f"Mode: {TITLES[chosen]}, from the model's next call on.")


async def permissions(app: AppActions, argument: str) -> None:
    """Open the list of rules."""
    from tui.approval.rules_screen import RulesScreen

    app.host.rules()
    app.show(RulesScreen(app.host))
