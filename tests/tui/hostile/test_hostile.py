"""Hostile text in every widget: the screen shows it as text and holds nothing that a terminal would act on."""

import importlib
import inspect
import pkgutil
from collections.abc import Iterator

import pytest
from rich.text import Text
from textual.app import App
from textual.widget import Widget
from textual.widgets import Static

import tui
from tests.tui.hostile.scenes import SCENES, Scene
from tests.tui.hostile.stage import EVIL, MARKUP, Stage, hidden
from tui.conversation.lines_view import LinesView
from tui.panels.panel import Panel
from tui.safe_app import SafeApp

# Their subclasses show text, they do not.
ABSTRACT = {LinesView, Panel}
PLAYS = [
    pytest.param(scene, id=f"{kind.__name__}-{name}")
    for kind, scenes in SCENES.items()
    for name, scene in scenes.items()
]


def classes_of(base: type[object]) -> Iterator[type[object]]:
    for module in pkgutil.walk_packages(tui.__path__, "tui."):
        loaded = importlib.import_module(module.name)
        for _, found in inspect.getmembers(loaded, inspect.isclass):
            if issubclass(found, base) and found.__module__ == module.name:
                yield found


def test_every_widget_has_a_scene() -> None:
    missing = {found.__name__ for found in classes_of(Widget)} - {kind.__name__ for kind in (*SCENES, *ABSTRACT)}
    assert not missing, f"{missing}: add a scene with hostile text to tests/tui/hostile/scenes.py for each"


def test_every_app_has_the_gate() -> None:
    assert [found for found in classes_of(App) if not issubclass(found, SafeApp)] == []


async def picture_of(app: App[None], scene: Scene) -> str:
    app.animation_level = "none"
    async with app.run_test(size=(100, 40)) as pilot:
        await scene(app)
        await pilot.pause(0.2)
        picture, left = app.export_screenshot(), 50
        # Some screens show their text only once their work has begun.
        while MARKUP not in picture and left:
            await pilot.pause(0.1)
            picture, left = app.export_screenshot(), left - 1
        return picture


@pytest.mark.parametrize("scene", PLAYS)
async def test_text_is_shown_and_not_obeyed(scene: Scene) -> None:
    picture = await picture_of(Stage(), scene)
    assert hidden(picture) == set()
    shown = MARKUP in picture
    # The picture itself must not stand in a report: it holds half surrogates, which pytest-xdist cannot send.
    assert shown, "the text was read as markup, or is not on the screen"


async def test_without_the_gate_the_picture_would_tell() -> None:
    class Open(App[None]):
        """No gate."""

    async def forgetful(app: App[None]) -> None:
        await app.mount(Static(Text(EVIL)), Static(EVIL))

    picture = await picture_of(Open(), forgetful)
    assert {"\x1b", "\x9b", "\u202e", "\u200b", "\u3164"} <= hidden(picture)
    assert hidden(await picture_of(Stage(), forgetful)) == set()
