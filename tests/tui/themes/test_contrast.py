"""Every word on the screen can be read: 4.5 : 1 in each theme and each state, whatever colours were asked for."""

import colorsys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.color import Color as RichColor
from rich.segment import Segment
from rich.style import Style
from textual.color import Color

from tests.tui.cells import pieces
from tests.tui.pictures import opened
from tests.tui.states import SCREENS, STATES
from tui.themes.contrast import LEAST, Readable, Rgb, contrast, readable
from tui.themes.names import THEMES
from tui.themes.palettes import SIXTEEN
from tui.themes.using import use

RGB = st.tuples(*[st.integers(0, 255)] * 3)
PAINTED = tuple(theme for theme in THEMES if theme not in ("auto", "ansi"))


@pytest.mark.parametrize(
    ("name", "theme"),
    # The screens above the conversation share their colours with those that are seen in every theme.
    [(name, theme) for name in STATES for theme in PAINTED if name not in SCREENS or theme in ("dark", "light")],
)
async def test_words_can_be_read(name: str, theme: str) -> None:
    app = STATES[name].make()
    app.animation_level = "none"
    async with app.run_test(size=(100, 40)) as pilot:
        use(app, theme, None)  # pyright: ignore[reportArgumentType]  # one of THEMES
        await opened(pilot)
        await STATES[name].act(pilot)
        await pilot.pause(0.1)
        words = [piece for piece in pieces(app) if any(letter.isalnum() for letter in piece.text)]
        assert words
        for piece in words:
            assert piece.colour is not None, piece
            assert piece.background is not None, piece
            assert piece.colour.triplet is not None, piece
            assert piece.background.triplet is not None, piece
            assert contrast(piece.colour.triplet, piece.background.triplet) >= LEAST, piece


@pytest.mark.parametrize("name", ["live", "troubled", "card-edit", "rewind"])
async def test_the_ansi_theme_sends_the_terminals_own_colours_only(name: str) -> None:
    app = STATES[name].make()
    async with app.run_test(size=(100, 40)) as pilot:
        use(app, "ansi", None)
        await opened(pilot)
        await STATES[name].act(pilot)
        await pilot.pause(0.1)
        sent = [colour for piece in pieces(app) for colour in (piece.colour, piece.background) if colour is not None]
        assert sent
        assert all(colour.triplet is None and (colour.number is None or colour.number < 16) for colour in sent)


async def test_without_colours_none_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = STATES["card-edit"].make()
    async with app.run_test(size=(100, 40)) as pilot:
        await opened(pilot)
        await STATES["card-edit"].act(pilot)
        await pilot.pause(0.1)
        found = list(pieces(app))
        assert "return a + b" in "".join(piece.text for piece in found)
        assert all(
            colour is None or colour.is_default for piece in found for colour in (piece.colour, piece.background)
        )


@given(RGB, RGB)
def test_any_colour_becomes_one_that_can_be_read(colour: Rgb, background: Rgb) -> None:
    made = readable(colour, background)
    assert contrast(made, background) >= LEAST
    if contrast(colour, background) >= LEAST:
        assert made == colour


@given(RGB, RGB, st.booleans(), st.booleans())
def test_a_dim_or_reversed_piece_can_be_read_too(colour: Rgb, background: Rgb, dim: bool, reverse: bool) -> None:
    style = Style(color=RichColor.from_rgb(*colour), bgcolor=RichColor.from_rgb(*background), dim=dim, reverse=reverse)
    (drawn,) = Readable().apply([Segment("words", style)], Color(0, 0, 0))
    assert drawn.style is not None
    assert drawn.style.color is not None
    assert drawn.style.bgcolor is not None
    assert contrast(drawn.style.color.triplet or (0, 0, 0), drawn.style.bgcolor.triplet or (0, 0, 0)) >= LEAST
    assert bool(drawn.style.reverse) == reverse


def test_lines_and_blocks_keep_their_colours() -> None:
    style = Style(color=RichColor.from_rgb(20, 20, 20), bgcolor=RichColor.from_rgb(18, 18, 18))
    assert Readable().apply([Segment("╭──╮", style)], Color(0, 0, 0)) == [Segment("╭──╮", style)]


@pytest.mark.parametrize("theme", ["colour-blind", "colour-blind-light"])
def test_added_and_removed_differ_by_blue_and_orange(theme: str) -> None:
    """20° to 60° is orange, 195° to 250° blue: no kind of colour blindness takes one for the other."""
    red, green = (SIXTEEN[theme].ansi_colors[number] for number in (1, 2))
    assert 20 <= _hue(red) <= 60
    assert 195 <= _hue(green) <= 250


def _hue(colour: Rgb) -> float:
    return colorsys.rgb_to_hls(*(part / 255 for part in colour))[0] * 360
