"""A page back and forth through the conversation while the cursor stays in the prompt."""

from agent.events import ContentDelta, StepFinished, StepStarted, TurnEnded
from agent.turn import Usage
from tests.fakes.host import ScriptedHost
from tests.tui.prompt.test_area import holds
from tests.tui.test_app import ask, conversation, until
from tui.app import QwrightApp
from tui.model.blocks import EndBlock

LONG = "\n\n".join(f"Paragraph {number}." for number in range(200))


async def test_page_up_shows_what_stands_above_and_page_down_comes_back() -> None:
    play = [
        StepStarted(1, False, "routine step"),
        ContentDelta(LONG),
        StepFinished(1, Usage(1000, 50, 0, 900), 0.1, 2.6, LONG),
        TurnEnded("done", LONG, 1),
    ]
    app = QwrightApp(ScriptedHost(play))
    async with app.run_test(size=(100, 30)) as pilot:
        await ask(app, pilot, "go on")
        await until(pilot, EndBlock)
        view = conversation(pilot)
        await holds(pilot, lambda: view.max_scroll_y > 100 and view.scroll_offset.y == view.max_scroll_y)
        end = view.scroll_offset.y
        await pilot.press("pageup", "pageup")
        await holds(pilot, lambda: view.scroll_offset.y < end - 30)
        await pilot.press(*"hi")
        assert app.prompt.editor.text == "hi"
        await pilot.press("pagedown", "pagedown", "pagedown")
        await holds(pilot, lambda: view.scroll_offset.y == view.max_scroll_y)
