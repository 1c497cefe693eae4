"""/context, /stats and /server: what they show, and that the server is asked only while somebody looks."""

import asyncio
from dataclasses import replace

import pytest
from textual.pilot import Pilot

from agent.context_use import ContextUse, Part
from agent.statistics import Statistics
from serving.view import Health, Look
from tests.fakes.figures import NOW, SESSION, TURN, USE
from tests.fakes.host import ScriptedHost
from tests.tui.commands.test_commands import screen_is
from tests.tui.pictures import WIDTHS, check_picture
from tests.tui.test_app import ask
from tui.app import QwrightApp
from tui.panels.context_text import context_text
from tui.panels.panel import Panel
from tui.panels.server_text import server_text
from tui.panels.stats_text import stats_text

COMMANDS = ("/context", "/stats", "/server")


async def opened_panel(app: QwrightApp, pilot: Pilot[int], command: str) -> str:
    await ask(app, pilot, command)
    await screen_is(pilot, Panel)
    panel = app.screen
    assert isinstance(panel, Panel)
    async with asyncio.timeout(10):
        while panel.told is None:
            await pilot.pause(0.02)
    await pilot.pause(0.05)
    return panel.told(100).plain


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("/context", ("31,512 of 65,536 tokens (48 %)", "12,178 tokens left", "results of bash (14)", "AGENTS.md")),
        ("/stats", ("44,100 (91 %)", "2 of 3 (67 %)", "1,624 tokens, 18 s", "empty_answer × 2", "waiting for you")),
        ("/server", ("requests waiting", "7 (capacity 7)", "93 %", "211.0", "87% of 148,220")),
    ],
)
async def test_a_panel_shows_its_figures_and_closes(command: str, words: tuple[str, ...]) -> None:
    app = QwrightApp(ScriptedHost())
    async with app.run_test(size=(120, 50)) as pilot:
        text = await opened_panel(app, pilot, command)
        for word in words:
            assert word in text
        await pilot.press("escape")
        await screen_is(pilot, Panel, wanted=False)


async def test_the_server_is_asked_only_while_the_panel_is_open() -> None:
    host = ScriptedHost()
    app = QwrightApp(host)
    async with app.run_test(size=(120, 50)) as pilot:
        await pilot.pause(0.1)
        assert host.figures.looks == 0
        await opened_panel(app, pilot, "/server")
        assert host.figures.open == 1
        await pilot.press("escape")
        await screen_is(pilot, Panel, wanted=False)
        async with asyncio.timeout(5):
            while host.figures.open:
                await pilot.pause(0.02)


def test_a_server_without_metrics_says_what_is_missing() -> None:
    text = server_text(replace(NOW, look=Look(None, None)), 100).plain
    assert "http://gpu-box:8000/metrics tells nothing" in text
    assert "no queue" in text
    assert "requests waiting" not in text


HEALTH: list[tuple[Health, str]] = [("ill", "restart it"), ("away", "does not answer"), ("untold", "no /health")]


@pytest.mark.parametrize(("health", "words"), HEALTH)
def test_what_health_says_where_there_are_no_metrics(health: Health, words: str) -> None:
    now = replace(NOW, look=Look(None, None), health=health)
    assert words in server_text(now, 100).plain


def test_the_first_look_has_no_rates_yet() -> None:
    text = server_text(replace(NOW, look=Look(NOW.look.now, None)), 100).plain
    assert "with the next look" in text
    assert "tokens/s" not in text.partition("In this session")[0]


def test_a_context_that_is_full_and_one_of_unknown_size() -> None:
    assert "room is made before the next request" in context_text(replace(USE, total=50_000), 80).plain
    unknown = context_text(ContextUse([Part("tools", 10)], 10, 0, 0), 80).plain
    assert "does not say" in unknown
    assert "left before" not in unknown


def test_what_the_marks_of_the_format_take_is_told_apart() -> None:
    counted = sum(part.tokens for part in USE.parts)
    assert f"{USE.total - counted:,}" in context_text(USE, 80).plain


def test_a_session_in_which_nothing_happened_has_panels_too() -> None:
    text = stats_text(Statistics(), Statistics(), 80).plain
    assert "none made" in text
    assert "not known yet" in text
    assert "Failures" not in text


def test_every_line_fits_a_narrow_terminal() -> None:
    for text in (stats_text(TURN, SESSION, 74), context_text(USE, 40)):
        wide = [line for line in text.plain.split("\n") if len(line) > 74 and "left before" not in line]
        assert not wide


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("command", COMMANDS)
async def test_pictures(command: str, width: int) -> None:
    def make() -> QwrightApp:
        return QwrightApp(ScriptedHost(), clock=lambda: 0.0)

    async def act(pilot: Pilot[int]) -> None:
        assert isinstance(pilot.app, QwrightApp)
        await opened_panel(pilot.app, pilot, command)

    await check_picture(f"panel-{command[1:]}", make, act, width, height=44)
