"""Cards in the app: keys, the grace period, "always", reasons, several one after another, modes and rules."""

import json
from dataclasses import replace

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, OptionList

from agent.approvals import Approval
from agent.events import ApprovalAsked, QuestionAsked, TurnEnded
from agent.permissions.rules import rule_of
from agent.permissions.suggest import Suggestion
from tests.fakes.clock import Clock
from tests.fakes.host import ScriptedHost
from tests.tui.cells import lines
from tests.tui.pictures import WIDTHS, check_picture
from tests.tui.test_app import ask, on_screen, until
from tui.app import QwrightApp
from tui.approval.card import GRACE_S, ApprovalCard
from tui.approval.question import QuestionCard
from tui.approval.rules_screen import RulesScreen
from tui.approval.words import body
from tui.model.blocks import EndBlock
from tui.status.line import StatusLine

DONE = TurnEnded("done", "All well.", 1)
LINE = "git stash && rm -rf build\x1b[2K"
COMMAND = ApprovalAsked(
    "s1c0",
    "bash",
    json.dumps({"command": LINE}),
    "The mode asks for everything that changes files or runs.",
    ("git stash", "rm -rf build"),
    (Suggestion("git stash", "bash: git stash", "bash: git stash *"), Suggestion("rm -rf build", "bash: rm -rf build")),
)
EDIT = ApprovalAsked(
    "s1c1",
    "str_replace_editor",
    json.dumps({"command": "str_replace", "path": "calc.py"}),
    "The mode asks for everything that changes files or runs.",
    ("write calc.py",),
    (Suggestion("write calc.py", "edit: calc.py"),),
    "--- a/calc.py\n+++ b/calc.py\n@@ -1,2 +1,2 @@\n def add(a, b):\n-    return a - b\n+    return a + b\n",
)
PLAN = ApprovalAsked(
    "s1c2",
    "present_plan",
    json.dumps({"plan": "1. Change `add` in calc.py\n2. Run the tests"}),
    "The model presents its plan; with a yes it leaves plan mode and carries it out.",
)
QUESTION = QuestionAsked("s1c3", "Which port should the server use?", ("8000", "8080"))


async def read(pilot: Pilot[int], kind: type[object] = ApprovalCard) -> None:
    """A card is there, and the person has had time to read it."""
    await on_screen(pilot, kind)
    time_goes_on(pilot, GRACE_S)


def time_goes_on(pilot: Pilot[int], seconds: float) -> None:
    app = pilot.app
    assert isinstance(app, QwrightApp)
    assert isinstance(app.clock, Clock)
    app.clock.go_on(seconds)


async def test_a_stray_key_approves_nothing_and_typing_on_does_not_either() -> None:
    host = ScriptedHost([COMMAND], [DONE])
    app = QwrightApp(host, Clock())
    async with app.run_test(size=(100, 30)) as pilot:
        await ask(app, pilot, "go")
        await on_screen(pilot, ApprovalCard)
        for key in "yesyy":
            await pilot.press(key)
            time_goes_on(pilot, GRACE_S - 0.1)
        assert host.answers == []
        time_goes_on(pilot, GRACE_S)
        await pilot.press("enter", "space", "tab", "x")
        assert host.answers == []
        await pilot.press("y")
        await until(pilot, EndBlock)
    assert host.answers == [Approval(allow=True)]


@pytest.mark.parametrize(
    ("keys", "answer"),
    [
        (["n"], Approval(allow=False)),
        (["escape"], Approval(allow=False, stop=True)),
        (["ctrl+c"], Approval(allow=False, stop=True)),
        (["e", *"use y", "enter"], Approval(allow=False, reason="use y")),
        (["e", "escape", "y"], Approval(allow=True)),
        (
            ["a", "space", "down", "space", "s"],
            Approval(allow=True, rules=(rule_of("allow", "bash: git stash *"),)),
        ),
        (
            ["a", "p"],
            Approval(
                allow=True,
                rules=(rule_of("allow", "bash: git stash"), rule_of("allow", "bash: rm -rf build")),
                scope="project",
            ),
        ),
        (["a", "escape", "n"], Approval(allow=False)),
    ],
)
async def test_keys_of_a_card(keys: list[str], answer: Approval) -> None:
    host = ScriptedHost([COMMAND], [DONE])
    app = QwrightApp(host, Clock())
    async with app.run_test(size=(100, 30)) as pilot:
        await ask(app, pilot, "go")
        await read(pilot)
        await pilot.press(*keys)
        await until(pilot, EndBlock)
    assert host.answers == [answer]


WHOLE = "--- a/c\n+++ b/c\n@@ -1 +1 @@\n-\tx = 1  \n+    x = 12\n\\ No newline at end of file\n"


@pytest.mark.parametrize(("width", "columns"), [(100, False), (160, True)])
async def test_a_card_shows_exactly_what_changes_and_d_turns_it(width: int, columns: bool) -> None:
    app = QwrightApp(ScriptedHost([replace(EDIT, diff=WHOLE)]), Clock())
    async with app.run_test(size=(width, 30)) as pilot:
        await ask(app, pilot, "go")
        await read(pilot)
        for beside in (columns, not columns):
            text = "\n".join(lines(app))
            assert "1 - ⇥   x = 1" in text, "a tab must not look like spaces"
            assert "1 +     x = 12 ⊘ no newline at the end" in text
            assert ("1 - ⇥   x = 1" in next(line for line in lines(app) if "x = 12" in line)) is beside
            await pilot.press("d")
            await pilot.pause()


def test_a_card_tells_the_time_limit_that_a_command_asks_for() -> None:
    asked = replace(COMMAND, arguments=json.dumps({"command": "make", "timeout": 900}))
    assert "Time limit asked for: 900 s" in body(asked, 80).plain


async def test_several_cards_one_after_another_each_with_its_own_grace() -> None:
    host = ScriptedHost([COMMAND], [EDIT], [QUESTION], [PLAN], [DONE])
    app = QwrightApp(host, Clock())
    async with app.run_test(size=(100, 30)) as pilot:
        await ask(app, pilot, "go")
        await read(pilot)
        await pilot.press("y", "y")
        await pilot.pause(0.2)
        assert host.answers == [Approval(allow=True)]
        await read(pilot)
        await pilot.press("n")
        await read(pilot, QuestionCard)
        await pilot.press("2", "enter")
        await read(pilot)
        await pilot.press("y")
        await until(pilot, EndBlock)
    assert host.answers == [Approval(allow=True), Approval(allow=False), "8080", Approval(allow=True)]


@pytest.mark.parametrize(
    ("keys", "answer"),
    [
        (["enter"], "8000"),
        (["down", "enter"], "8080"),
        (["up", "enter"], "8080"),
        (["1", "enter"], "8000"),
        (["2", "enter"], "8080"),
        ([*"port 9", "enter"], "port 9"),
        (["escape"], Approval(allow=False, stop=True)),
    ],
)
async def test_a_question_is_answered_by_number_arrows_or_words(keys: list[str], answer: str | Approval) -> None:
    host = ScriptedHost([QUESTION], [DONE])
    app = QwrightApp(host, Clock())
    async with app.run_test(size=(100, 30)) as pilot:
        await ask(app, pilot, "go")
        await read(pilot, QuestionCard)
        await pilot.press(*keys)
        await until(pilot, EndBlock)
    assert host.answers == [answer]


async def test_the_mode_goes_round_with_one_key_and_by_name() -> None:
    host = ScriptedHost()
    app = QwrightApp(host, Clock())
    async with app.run_test(size=(130, 30)) as pilot:
        await pilot.pause(0.2)
        assert "mode auto" in str(app.query_one(StatusLine).content)
        await pilot.press("shift+tab")
        await pilot.pause()
        assert host.mode == "plan"
        assert "mode plan" in str(app.query_one(StatusLine).content)
        await ask(app, pilot, "/mode edits")
        await pilot.pause(0.2)
        assert host.mode == "edits"


async def test_rules_are_listed_and_removed() -> None:
    host = ScriptedHost()
    host.granted = [("project", rule_of("deny", "bash: git push *")), ("session", rule_of("allow", "bash: make"))]
    app = QwrightApp(host, Clock())
    async with app.run_test(size=(100, 30)) as pilot:
        await ask(app, pilot, "/permissions")
        await on_screen(pilot, RulesScreen)
        assert app.screen.query_one(OptionList).option_count == 2
        await pilot.press("down", "d")
        await pilot.pause()
        assert len(host.granted) == 1
        await pilot.press("escape")


async def shown(pilot: Pilot[int], kind: type[object] = ApprovalCard, *keys: str) -> None:
    await ask(pilot.app, pilot, "go")  # pyright: ignore[reportArgumentType]  # the app under test
    await read(pilot, kind)
    await pilot.press(*keys)
    for field in pilot.app.screen.query(Input):
        field.cursor_blink = False
    await pilot.pause(0.2)


def app_of(*events: object) -> QwrightApp:
    return QwrightApp(ScriptedHost(events), Clock())  # pyright: ignore[reportArgumentType]  # a play


@pytest.mark.parametrize("width", WIDTHS)
async def test_pictures_of_cards(width: int) -> None:
    await check_picture("card-command", lambda: app_of(COMMAND), shown, width)
    await check_picture("card-always", lambda: app_of(COMMAND), lambda pilot: shown(pilot, ApprovalCard, "a"), width)
    await check_picture("card-edit", lambda: app_of(EDIT), shown, width)
    await check_picture("card-plan", lambda: app_of(PLAN), shown, width)
    await check_picture("card-question", lambda: app_of(QUESTION), lambda pilot: shown(pilot, QuestionCard), width)
