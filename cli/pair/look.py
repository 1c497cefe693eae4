"""What the app is told of its looks before its first paint: the user's settings, and the terminal's background.

Only the user's own file and the environment count here, and only what is well formed: whatever is wrong with them, the
configuration proper says a moment later, on the screen.
"""

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from cli.pair.backdrop import Backdrop
from cli.paths import config_file
from tui.themes.names import Look, notify_named, theme_named

if TYPE_CHECKING:
    from tui.themes.names import ThemeName


def look_of(backdrop: Backdrop) -> Look:
    """The look; waits for the terminal's answer where the theme depends on it."""
    settings = _settings()
    theme: ThemeName = theme_named(str(settings.get("theme", ""))) or "auto"
    seconds = _number(settings.get("notify_seconds"), Look().notify_seconds)
    light, typed = backdrop.answer()
    return Look(theme, light, notify_named(str(settings.get("notify"))) or "auto", seconds, typed)


def _settings() -> Mapping[str, object]:
    """The settings of `[tui]`, those at the top of the file and those of the environment above them."""
    read = _file()
    table = read.get("tui")
    inner = cast("dict[str, object]", table) if isinstance(table, dict) else {}
    names = ("theme", "notify", "notify_seconds")
    given = {name: os.environ[f"QWRIGHT_{name.upper()}"] for name in names if f"QWRIGHT_{name.upper()}" in os.environ}
    return {**inner, **{name: read[name] for name in names if name in read}, **given}


def _file() -> dict[str, object]:
    try:
        text = config_file().read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return {}
    # Loaded where there is something to read: it would be felt in the first paint.
    import tomllib

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return {}


def _number(value: object, otherwise: float) -> float:
    try:
        return float(value) if isinstance(value, int | float | str) else otherwise
    except ValueError:
        return otherwise
