"""What a terminal would draw: the screen's pieces of text with their colours."""

from collections.abc import Iterator
from dataclasses import dataclass

from rich.color import Color
from textual._compositor import LayoutUpdate
from textual.app import App
from textual.screen import Screen
from textual.strip import Strip


@dataclass(frozen=True, slots=True)
class Piece:
    """Text in one style, as the app sends it. Colours are None where they are the terminal's own."""

    line: int
    text: str
    colour: Color | None
    background: Color | None
    dim: bool


def pieces(app: App[int]) -> Iterator[Piece]:
    """All of the topmost screen, the app's filters applied; what lies behind a card is no part of it."""
    for number, strip in enumerate(_strips(app, [])):
        for text, style, _ in strip:
            if style is None:
                yield Piece(number, text, None, None, False)
                continue
            colours = (style.bgcolor, style.color) if style.reverse else (style.color, style.bgcolor)
            yield Piece(number, text, *colours, dim=bool(style.dim))


def lines(app: App[int] | App[None]) -> list[str]:
    """The screen as text, line by line."""
    behind = app._background_screens  # pyright: ignore[reportPrivateUsage, reportUnknownMemberType, reportUnknownVariableType]  # as its screenshots
    return [strip.text for strip in _strips(app, [*behind])]


def _strips(app: App[int] | App[None], behind: list[Screen[object]]) -> list[Strip]:
    update = app.screen._compositor.render_update(full=True, screen_stack=behind)  # pyright: ignore[reportPrivateUsage, reportUnknownMemberType]  # see above
    assert isinstance(update, LayoutUpdate)
    return [Strip.join(line) for line in update.strips]
