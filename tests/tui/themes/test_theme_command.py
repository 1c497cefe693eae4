"""/theme: another look at once, kept for the next start."""

from tests.fakes.host import ScriptedHost
from tests.tui.pictures import opened
from tests.tui.test_app import ask, until
from tui.app import QwrightApp
from tui.model.blocks import NoticeBlock
from tui.themes.names import Look


async def test_a_named_theme_is_worn_and_kept() -> None:
    host = ScriptedHost()
    app = QwrightApp(host)
    async with app.run_test() as pilot:
        await opened(pilot)
        await ask(app, pilot, "/theme light")
        await until(pilot, NoticeBlock)
        assert (app.theme, host.kept_settings) == ("light", {"theme": "light"})


async def test_an_unknown_theme_changes_nothing() -> None:
    host = ScriptedHost()
    app = QwrightApp(host)
    async with app.run_test() as pilot:
        await opened(pilot)
        await ask(app, pilot, "/theme lihgt")
        await until(pilot, NoticeBlock)
        (said,) = app.conversation.feed.blocks
        assert isinstance(said, NoticeBlock)
        assert "no such theme" in said.text
        assert (app.theme, host.kept_settings) == ("dark", {})


async def test_auto_is_what_the_terminal_is() -> None:
    app = QwrightApp(ScriptedHost(), look=Look("auto", light=True))
    async with app.run_test() as pilot:
        await opened(pilot)
        assert app.theme == "light"


async def test_what_was_typed_before_the_prompt_stands_in_it() -> None:
    app = QwrightApp(ScriptedHost(), look=Look(typed="early \x1b[31mwords"))
    async with app.run_test() as pilot:
        await opened(pilot)
        assert app.prompt.editor.text == "early [31mwords"
