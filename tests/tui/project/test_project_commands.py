"""/checks and /map: what is said, set and shown."""

from textual.pilot import Pilot

from tests.fakes.host import ScriptedHost
from tests.tui.commands.test_commands import screen_is
from tests.tui.pictures import opened
from tests.tui.test_app import ask
from tui.app import QwrightApp
from tui.model.blocks import NoticeBlock
from tui.project.host import CheckLine, CheckOffer, ProjectMap
from tui.project.map_screen import MapScreen


async def said(app: QwrightApp, pilot: Pilot[int], command: str) -> list[str]:
    """The notices that a command makes."""
    before = len(app.conversation.feed.blocks)
    await ask(app, pilot, command)
    while len(app.conversation.feed.blocks) == before:
        await pilot.pause(0.02)
    await pilot.pause(0.1)
    return [block.text for block in app.conversation.feed.blocks[before:] if isinstance(block, NoticeBlock)]


async def test_a_check_is_set_told_and_turned_off() -> None:
    host = ScriptedHost()
    app = QwrightApp(host)
    async with app.run_test() as pilot:
        await opened(pilot)
        (told,) = await said(app, pilot, "/checks lint ruff check .")
        assert "`ruff check .` runs after each step that edits" in told
        assert [(line.kind, line.command) for line in host.project.checks()] == [("lint", "ruff check .")]
        assert "lint: `ruff check .` runs after each step that edits." in await said(app, pilot, "/checks")
        await said(app, pilot, "/checks off")
        assert host.project.checks() == []


async def test_what_the_project_says_is_offered_and_not_taken_over_unasked() -> None:
    host = ScriptedHost()
    host.project.lines = [CheckLine("test", "make test", own=False, runs=False)]
    host.project.suggested = [CheckOffer("lint", "make lint", "Makefile")]
    app = QwrightApp(host)
    async with app.run_test() as pilot:
        await opened(pilot)
        assert await said(app, pilot, "/checks") == [
            "test: `make test` does not run; this project says so: /checks on.",
            "Makefile suggests: /checks lint make lint",
        ]
        assert [line.runs for line in host.project.checks()] == [False]
        await said(app, pilot, "/checks on")
        assert [(line.command, line.runs) for line in host.project.checks()] == [("make test", True)]


async def test_the_map_is_shown_or_sent() -> None:
    host = ScriptedHost()
    app = QwrightApp(host)
    async with app.run_test() as pilot:
        await opened(pilot)
        await ask(app, pilot, "/map src")
        await screen_is(pilot, MapScreen)
        await pilot.press("escape")
        (told,) = await said(app, pilot, "/map send agent")
        assert "9 tokens" in told
        assert host.project.asked == ["src", "agent"]
        assert host.project.sent == [host.project.made]
        host.project.made = ProjectMap("", 0, 0, 0)
        assert await said(app, pilot, "/map nothing") == ["No file fits 'nothing'."]
