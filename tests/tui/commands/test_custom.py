"""Commands from Markdown files: front matter, places for arguments, names, and who may replace whom."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.geometry import Region
from textual.widgets import Static

from tests.fakes.host import ScriptedHost
from tests.tui.commands.test_commands import DONE, notices, screen_is
from tests.tui.prompt.test_area import holds
from tests.tui.test_app import ask, until
from tui.app import QwrightApp
from tui.commands.custom import filled, name_of, parsed
from tui.commands.custom_rows import as_rows
from tui.commands.dispatch import find
from tui.commands.help_screen import HelpScreen
from tui.commands.table import COMMANDS
from tui.model.blocks import EndBlock

FILE = """---
description: "Fix an issue"
argument-hint: [number]
allowed-tools: Bash(git:*)
---
# Fix

Fix issue $1 as $2 says: $ARGUMENTS. It costs $100.
"""


def test_a_file_with_front_matter() -> None:
    command = parsed("fix", FILE, "project")
    assert (command.description, command.argument) == ("Fix an issue", "[number]")
    asked = command.request('12 "the plan"')
    assert asked == '# Fix\n\nFix issue 12 as the plan says: 12 "the plan". It costs $100.'


@pytest.mark.parametrize("content", ["Do it.", "---\nno: end\nDo it.", "\ufeff---\r\n---\r\nDo it."])
def test_front_matter_may_be_missing_empty_or_open(content: str) -> None:
    assert parsed("x", content, "yours").request("").endswith("Do it.")


def test_a_skill_says_where_its_files_are() -> None:
    assert parsed("x", "Do it.", "project", ".qwright/skills/x").request("now") == (
        "Do it.\n\nnow\n\nThe files of this skill are in .qwright/skills/x."
    )


@given(st.text(), st.text())
def test_an_argument_is_never_read_as_a_place(text: str, argument: str) -> None:
    if "$" not in text:
        assert filled(f"{text}$ARGUMENTS", argument) == f"{text}{argument}".strip()


@given(st.text(max_size=200))
def test_any_file_is_a_command(content: str) -> None:
    parsed("x", content, "project").request("a 'b")


def test_names() -> None:
    assert name_of("git/fix issue.md") == "git:fix-issue"
    assert name_of("a.md") == "a"


def test_the_first_of_two_counts_and_the_tables_own_names_are_taken() -> None:
    custom = [parsed("x", "mine", "yours"), parsed("x", "theirs", "project"), parsed("help", "evil", "project")]
    rows, taken = as_rows(custom, lambda name: find(COMMANDS, name) is not None)
    assert [(row.name, row.help) for row in rows] == [("x", "mine (yours)")]
    assert taken == ["help"]


async def test_a_projects_command_is_sent_literally_and_said_to_be_the_projects() -> None:
    host = ScriptedHost([DONE], [DONE])
    host.custom = [parsed("fix", "/quit $ARGUMENTS", "project"), parsed("quit", "x", "project")]
    app = QwrightApp(host)
    async with app.run_test(size=(120, 30)) as pilot:
        await holds(pilot, lambda: bool(notices(pilot)))
        assert "names: quit." in notices(pilot)[0]
        await pilot.press(*"/fi")
        await holds(pilot, lambda: "(project)" in app.prompt.completions)
        await pilot.press("tab", *"now", "enter")
        await until(pilot, EndBlock)
        assert "/fix is a text of this project" in notices(pilot)[1]
        await ask(app, pilot, "/help fix")
        await screen_is(pilot, HelpScreen)
        shown = app.screen.query_one(".rows", Static).render_lines(Region(0, 0, 80, 5))
        assert "/fix" in "".join(strip.text for strip in shown)
        await pilot.press("escape")
        await screen_is(pilot, HelpScreen, wanted=False)
        await ask(app, pilot, "/init the deploy")
        await until(pilot, EndBlock, 2)
    assert host.requests[0] == "/quit now"
    assert "AGENTS.md" in host.requests[1]
    assert host.requests[1].endswith("The user adds: the deploy")
