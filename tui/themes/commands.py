"""/theme."""

from tui.commands.command import AppActions
from tui.themes.names import THEMES, settled, theme_named


async def theme(app: AppActions, argument: str) -> None:
    """Show the app in another theme, now and from the next start on; without a name the next one."""
    chosen = theme_named(argument) if argument else THEMES[(THEMES.index(app.look.theme) + 1) % len(THEMES)]
    if chosen is None:
        app.say(f"/theme {argument}: there is no such theme; choose {', '.join(THEMES[:-1])} or {THEMES[-1]}.")
        return
    app.wear(chosen)
    is_now = f"{chosen} ({settled(chosen, app.look.light)})" if chosen == "auto" else chosen
    kept = await app.host.keep_setting("theme", chosen)
    app.say(f"Theme: {is_now}. {kept}")
