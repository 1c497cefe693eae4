"""Hostile text, a stage to show a widget on, and what of the text a terminal would have acted on."""

import html
import unicodedata
from pathlib import Path

import tui.app
from tui.safe_app import SafeApp

# Markup, a title, a cleared screen, a cursor, an overwritten line, turned and hidden letters, a tag, half a character.
EVIL = (
    "[b]q[/b]\x1b]0;T\x07\x1b[2J\x9b1A\x1b[31m\x08\x00\u202eA\u202c\u200bB\u2066C\ufeff\u00ad\u115f\U000e0041\u3164"
    "\u200d\ud800Z"
)
MARKUP = "[b]q[/b]"
_BLANK_LETTERS = "\u115f\u1160\u3164\uffa0\u2028\u2029"


def hidden(text: str) -> set[str]:
    """Characters of a text that a terminal acts on or does not show."""
    return {
        char
        for char in html.unescape(text)
        if (unicodedata.category(char) in ("Cc", "Cf", "Cs") and char not in "\n\t") or char in _BLANK_LETTERS
    }


class Stage(SafeApp[None]):
    """An empty screen with the app's style sheet."""

    CSS_PATH = Path(tui.app.__file__).with_name("app.tcss")
    ENABLE_COMMAND_PALETTE = False
