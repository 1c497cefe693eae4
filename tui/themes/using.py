"""Puts a theme on an app."""

from textual.app import App

from tui.themes.names import ThemeName, settled
from tui.themes.palettes import SIXTEEN, theme_of


def use(app: App[int], name: ThemeName, light: bool | None) -> ThemeName:
    """Show the app in a theme; returns what `auto` came to. With NO_COLOR set, none has colours: they are left out."""
    chosen = "ansi" if app.no_color else settled(name, light)
    theme = theme_of(chosen)
    if sixteen := SIXTEEN.get(chosen):
        if theme.dark:
            app.ansi_theme_dark = sixteen
        else:
            app.ansi_theme_light = sixteen
    app.register_theme(theme)
    app.theme = theme.name
    if not app.is_running:
        app.stylesheet.set_variables(app.get_css_variables())
    return chosen
