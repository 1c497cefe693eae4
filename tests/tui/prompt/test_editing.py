"""The external editor, and the search in the history."""

import os
import sys
from contextlib import nullcontext
from pathlib import Path

import pytest

from tests.fakes.host import ScriptedHost
from tests.tui.commands.test_commands import notices, screen_is
from tests.tui.prompt.test_area import holds
from tests.tui.test_app import ask, until
from tui.app import QwrightApp
from tui.model.blocks import NoticeBlock
from tui.prompt.external import NoEditor, edited, editor_command
from tui.prompt.history_screen import HistoryScreen


def use_editor(monkeypatch: pytest.MonkeyPatch, folder: Path, code: str) -> None:
    script = folder / "edit.py"
    script.write_text(f"import pathlib, sys\npath = pathlib.Path(sys.argv[1])\n{code}\n")
    monkeypatch.setenv("VISUAL", f"{sys.executable} '{script}'")


async def test_the_text_goes_out_and_comes_back(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    note = "(path.stat().st_mode & 0o77, path.read_text())"
    use_editor(monkeypatch, tmp_path, f"path.write_text(f'{{{note}}} and\\nmore\\n')")
    assert await edited("draft", nullcontext) == "(0, 'draft') and\nmore"


async def test_an_editor_that_fails_leaves_the_text(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    use_editor(monkeypatch, tmp_path, "path.write_text('lost'); sys.exit(3)")
    with pytest.raises(NoEditor, match="ended with 3; the text is as it was"):
        await edited("draft", nullcontext)


async def test_a_terminal_that_cannot_be_lent_is_said_to_be_so() -> None:
    app = QwrightApp(ScriptedHost())
    async with app.run_test() as pilot:
        await pilot.press(*"draft", "ctrl+g")
        await until(pilot, NoticeBlock)
        assert notices(pilot) == ["This terminal cannot be lent to an editor."]
        assert app.prompt.editor.text == "draft"


def test_an_editor_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISUAL", "no-such-editor --wait")
    with pytest.raises(NoEditor, match="no-such-editor --wait"):
        editor_command()
    monkeypatch.delenv("VISUAL")
    monkeypatch.setenv("EDITOR", os.path.basename(sys.executable))
    assert editor_command() == [os.path.basename(sys.executable)]


async def test_the_history_is_searched() -> None:
    host = ScriptedHost()
    host.remembered = ["fix the tests", "run mypy", "fix the\ndocs"]
    app = QwrightApp(host)
    async with app.run_test(size=(80, 24)) as pilot:
        await ask(app, pilot, "/history")
        await screen_is(pilot, HistoryScreen)
        await pilot.press("escape")
        await screen_is(pilot, HistoryScreen, wanted=False)
        await pilot.press("ctrl+r")
        await screen_is(pilot, HistoryScreen)
        await pilot.press(*"fix", "ctrl+r", "ctrl+r", "up", "enter")
        await screen_is(pilot, HistoryScreen, wanted=False)
        await holds(pilot, lambda: app.prompt.editor.text in ("fix the\ndocs", "fix the tests"))
