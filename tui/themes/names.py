"""The names of themes and of ways to be called back, and what the app is told of both before its first paint."""

from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

ThemeName: TypeAlias = Literal["auto", "dark", "light", "ansi", "colour-blind", "colour-blind-light"]
Notify: TypeAlias = Literal["auto", "bell", "osc9", "osc777", "off"]
THEMES: tuple[ThemeName, ...] = get_args(ThemeName)
NOTIFY: tuple[Notify, ...] = get_args(Notify)


@dataclass(frozen=True, slots=True)
class Look:
    """`light` is the terminal's background as far as it is known; `typed` what came in before there was a prompt."""

    theme: ThemeName = "dark"
    light: bool | None = None
    notify: Notify = "auto"
    notify_seconds: float = 10.0
    typed: str = ""


def theme_named(name: str) -> ThemeName | None:
    """The theme of this name, or None."""
    wanted = name.strip().lower().replace("color", "colour")
    return next((theme for theme in THEMES if theme == wanted), None)


def notify_named(name: str) -> Notify | None:
    """The way to be called of this name, or None."""
    return next((way for way in NOTIFY if way == name), None)


def settled(name: ThemeName, light: bool | None) -> ThemeName:
    """`auto` as the theme that it comes to: dark, unless the terminal's background is known to be light."""
    if name == "auto":
        return "light" if light else "dark"
    return name
