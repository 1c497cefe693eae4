"""The colours of each theme: Textual's names for the app's own parts, and the sixteen that programs print in.

The colour-blind ones tell apart by blue and orange (Okabe and Ito, 2008) where others do by green and red. `ansi` sends
the terminal's own sixteen colours and nothing else, so that it looks as the terminal does.
"""

from rich.terminal_theme import TerminalTheme
from textual.theme import BUILTIN_THEMES, Theme

from tui.themes.names import ThemeName

_Rgb = tuple[int, int, int]


def _sixteen(background: str, foreground: str, normal: str, bright: str) -> TerminalTheme:
    return TerminalTheme(_rgb(background), _rgb(foreground), _all(normal), _all(bright))


def _all(colours: str) -> list[_Rgb]:
    return [_rgb(colour) for colour in colours.split()]


def _rgb(colour: str) -> _Rgb:
    return int(colour[0:2], 16), int(colour[2:4], 16), int(colour[4:6], 16)


# Black, red, green, yellow, blue, magenta, cyan, white.
SIXTEEN: dict[str, TerminalTheme] = {
    "dark": _sixteen(
        "121212",
        "e0e0e0",
        "3a3a3a ff6b81 7fd88f e5c07b 7aa2f7 c792ea 6fd3e0 c4c5b5",
        "8a8a8a ff8c9b a5e8b0 f2d795 9db9ff dcb0f5 96e4ee f6f6ef",
    ),
    "light": _sixteen(
        "f4f4f4",
        "1f1f1f",
        "000000 a8201a 1f6b2a 7a5200 1f4fb0 7a3e9d 006078 5a5a5a",
        "5f5f5f c0392b 2c7a38 8a5d00 2f62c9 8e4fb3 00708c 3a3a3a",
    ),
    "colour-blind": _sixteen(
        "121212",
        "e0e0e0",
        "3a3a3a ffa94d 66b8f0 f0e442 8fb4ff d9a0c8 7fd6ff c4c5b5",
        "8a8a8a ffc078 92cdf7 f7ef8a b0c9ff e8bedb a5e3ff f6f6ef",
    ),
    "colour-blind-light": _sixteen(
        "f4f4f4",
        "1f1f1f",
        "000000 8f4400 00558c 6b5b00 1f4fb0 8a3d6e 00607f 5a5a5a",
        "5f5f5f a35000 0066a3 7a6800 2f62c9 9c4a7e 007094 3a3a3a",
    ),
}

_DARK = Theme(
    "dark",
    primary="#4aa3f0",
    secondary="#2f6da8",
    accent="#ffb454",
    warning="#ffb454",
    error="#ff6b81",
    success="#6fcf85",
    foreground="#e0e0e0",
    background="#121212",
    surface="#1e1e1e",
    panel="#262626",
    variables={
        "text-muted": "#a6a6a6",
        "block-cursor-background": "#4aa3f0",
        "block-cursor-foreground": "#0b1520",
        "markdown-h1-color": "#7cc0ff",
    },
)
_LIGHT = Theme(
    "light",
    primary="#1d5fa8",
    secondary="#3f6f9f",
    accent="#8a4b00",
    warning="#8a4b00",
    error="#b3203a",
    success="#1f6b2a",
    foreground="#1f1f1f",
    background="#f4f4f4",
    surface="#e9e9e9",
    panel="#dedede",
    dark=False,
    variables={
        "text-muted": "#555555",
        "block-cursor-background": "#1d5fa8",
        "block-cursor-foreground": "#ffffff",
    },
)
_COLOUR_BLIND = Theme(
    "colour-blind",
    primary="#56b4e9",
    secondary="#3f7fa8",
    accent="#f0e442",
    warning="#f0e442",
    error="#ffa94d",
    success="#66b8f0",
    foreground="#e0e0e0",
    background="#121212",
    surface="#1e1e1e",
    panel="#262626",
    variables={
        "text-muted": "#a6a6a6",
        "block-cursor-background": "#56b4e9",
        "block-cursor-foreground": "#0b1520",
    },
)
_COLOUR_BLIND_LIGHT = Theme(
    "colour-blind-light",
    primary="#00558c",
    secondary="#3f6f9f",
    accent="#6b5b00",
    warning="#6b5b00",
    error="#8f4400",
    success="#00558c",
    foreground="#1f1f1f",
    background="#f4f4f4",
    surface="#e9e9e9",
    panel="#dedede",
    dark=False,
    variables={
        "text-muted": "#555555",
        "block-cursor-background": "#00558c",
        "block-cursor-foreground": "#ffffff",
    },
)


def _ansi() -> Theme:
    """Textual's, with the marked row of a list in reverse: it must be seen without any colour too."""
    known = BUILTIN_THEMES["ansi-dark"]
    variables = {
        **known.variables,
        "block-cursor-text-style": "reverse",
        "block-cursor-foreground": "ansi_default",
        "block-cursor-background": "ansi_default",
        "text-muted": "ansi_default",
        "border-blurred": "ansi_default",
    }
    return Theme(
        "ansi",
        primary=known.primary,
        secondary=known.secondary,
        warning=known.warning,
        error=known.error,
        success=known.success,
        accent="ansi_magenta",
        foreground=known.foreground,
        background=known.background,
        surface=known.surface,
        panel=known.panel,
        boost=known.boost,
        ansi=True,
        variables=variables,
    )


def theme_of(name: ThemeName) -> Theme:
    """The theme of a settled name (`tui.themes.names.settled`)."""
    match name:
        case "light":
            return _LIGHT
        case "colour-blind":
            return _COLOUR_BLIND
        case "colour-blind-light":
            return _COLOUR_BLIND_LIGHT
        case "ansi":
            return _ansi()
        case _:
            return _DARK
