"""Text that can be read: whatever colours a widget, a theme or a program's output asks for, letters keep 4.5 : 1.

The bound and the arithmetic are those of WCAG 2 (1.4.3). A colour that falls short moves towards white or black, as far
as it must; its hue stays as long as it can. Lines, blocks and other signs keep their colours: they carry no words.
"""

from functools import lru_cache

from rich.color import Color as RichColor
from rich.color_triplet import ColorTriplet
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter

LEAST = 4.5
# What "dim" leaves of a colour against its background, before the bound above.
_DIM = 0.66
_STEPS = 24

Rgb = tuple[int, int, int]


def contrast(one: Rgb, other: Rgb) -> float:
    """The ratio of two colours, 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@lru_cache(4096)
def readable(colour: Rgb, background: Rgb) -> Rgb:
    """The colour, or the nearest on its way to white or black that can be read on this background."""
    if contrast(colour, background) >= LEAST:
        return colour
    # One of the two always reaches the bound: the product of both ratios is 21.
    end: Rgb = (255, 255, 255) if contrast((255, 255, 255), background) >= LEAST else (0, 0, 0)
    for step in range(1, _STEPS):
        tried = _mixed(colour, end, step / _STEPS)
        if contrast(tried, background) >= LEAST:
            return tried
    return end


class Readable(LineFilter):
    """Applies `readable` to every piece of text with letters or digits; "dim" becomes a colour here."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The segments with colours that can be read; those of the terminal's own palette are left alone."""
        rest = background.rgb
        return [
            Segment(text, _style(style, rest), control)
            if style is not None and _has_words(text)
            else Segment(text, style, control)
            for text, style, control in segments
        ]


@lru_cache(4096)
def _has_words(text: str) -> bool:
    return any(letter.isalnum() for letter in text)


@lru_cache(4096)
def _style(style: Style, rest: Rgb) -> Style:
    """`rest` is what lies behind where the style has no background of its own."""
    front, back = (style.bgcolor, style.color) if style.reverse else (style.color, style.bgcolor)
    if front is None or front.triplet is None:
        return style
    behind = _rgb(back.triplet) if back is not None and back.triplet is not None else rest
    colour = _rgb(front.triplet)
    wanted = readable(_mixed(behind, colour, _DIM) if style.dim else colour, behind)
    if wanted == colour:
        return style
    new = RichColor.from_rgb(*wanted)
    return style + (Style(bgcolor=new, dim=False) if style.reverse else Style(color=new, dim=False))


def _rgb(triplet: ColorTriplet) -> Rgb:
    return triplet.red, triplet.green, triplet.blue


def _mixed(one: Rgb, other: Rgb, share: float) -> Rgb:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def _luminance(colour: Rgb) -> float:
    red, green, blue = (_linear(part / 255) for part in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)
