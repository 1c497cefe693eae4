"""/diff and /commit with their screens; the diff as lines."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.widgets import TextArea

from agent.events import TurnEnded
from tests.fakes.host import ScriptedHost
from tests.tui.commands.test_commands import notices, screen_is
from tests.tui.past.test_undoing import settled
from tests.tui.test_app import ask, until
from tui.app import QwrightApp
from tui.conversation.diff_page import DiffPage
from tui.model.blocks import UserBlock
from tui.past.commit_screen import CommitScreen
from tui.past.diff_lines import MOST_LINES, diff_files, patch_lines, path_of
from tui.past.diff_screen import DiffScreen
from tui.past.host import Diff, FileLine

PATCH = """\
diff --git a/src/a.py b/src/a.py
index 1..2 100644
--- a/src/a.py
+++ b/src/a.py
@@ -1,2 +1,2 @@
 def add(a, b):
-    return a - b
+    return a + b
+    # [bold]no markup[/]
--- this line began with two dashes
diff --git a/mine b b/mine b
new file mode 100644
--- /dev/null
+++ b/mine b
@@ -0,0 +1 @@
+x
"""
FILES = [FileLine("src/a.py", 2, 2), FileLine("mine b", 1, 0, users=True)]


def test_files_of_a_diff_with_their_counts_and_whose_they_are() -> None:
    assert diff_files(PATCH, {"src/a.py"}) == FILES
    assert diff_files("", set()) == []


def test_paths_that_git_quotes() -> None:
    assert path_of('diff --git "a/n\\303\\251\\"w" "b/n\\303\\251\\"w"') == 'né"w'


LINES = st.lists(st.sampled_from(["+a", "-b", " c\td", "@@ -1 +1 @@", "diff --git a/x b/x", "\\ No newline", "mode 1"]))


@given(LINES, st.integers(12, 200), st.sampled_from([None, True, False]))
def test_every_line_of_a_patch_is_shown(lines: list[str], room: int, columns: bool | None) -> None:
    shown = list(patch_lines("\n".join(["diff --git a/x b/x", *lines]), room, columns))
    assert all(cell_len(text.plain) <= room for text in shown)
    text = "\n".join(text.plain for text in shown)
    inside = False
    wanted: Counter[str] = Counter()
    for line in lines:
        inside = (inside or line.startswith("@@")) and not line.startswith("diff")
        wanted[f"{line[0]} {line[1:]}"] += inside and line[0] in "+-"
        wanted["mode 1"] += line == "mode 1" and not inside
    for said, count in wanted.items():
        assert text.count(said) >= count, said


def test_a_carriage_return_or_a_line_separator_ends_no_line_of_a_patch() -> None:
    patch = "diff --git a/x b/x\n@@ -1 +1,2 @@\n-a\n+b\r+c\u2028+d\n+e\n"
    assert diff_files(patch, ()) == [FileLine("x", 2, 1, users=True)]
    assert "b␍+c<U+2028 LINE SEPARATOR>+d" in "\n".join(text.plain for text in patch_lines(patch, 200))


def test_a_longer_diff_says_how_much_is_left_out() -> None:
    shown = list(patch_lines("diff --git a/x b/x\n@@ -0,0 +1 @@\n" + "+x\n" * (MOST_LINES + 1234), 80))
    assert "1,236 lines more" in shown[-1].plain
    assert len(shown) == MOST_LINES


async def test_diff_opens_a_screen_or_says_that_nothing_changed() -> None:
    host = ScriptedHost()
    app = QwrightApp(host)
    async with app.run_test(size=(100, 30)) as pilot:
        await ask(app, pilot, "/diff")
        await settled(pilot, host, 1)
        host.past.changed = Diff(PATCH, FILES)
        await ask(app, pilot, "/diff session")
        await screen_is(pilot, DiffScreen)
        page = app.screen.query_one(DiffPage)
        assert " │ " not in "\n".join(row.plain for row in page.rows(96))
        await pilot.press("d")
        assert "2 -     return a - b" in (both := next(row.plain for row in page.rows(96) if "a + b" in row.plain))
        assert "│ 2 +     return a + b" in both
        await pilot.press("slash", *"markup", "enter")
        assert page.found == "1 of 1"
        await pilot.press("q")
        await screen_is(pilot, DiffScreen, wanted=False)
        assert notices(pilot) == ["Nothing has changed in this turn."]
    assert host.past.done == ["diff turn", "diff session"]


async def test_diff_does_not_wait_for_the_running_turn() -> None:
    host = ScriptedHost([60.0, TurnEnded("done", "Done.", 1)])
    host.past.changed = Diff(PATCH, FILES)
    app = QwrightApp(host)
    async with app.run_test(size=(100, 30)) as pilot:
        await ask(app, pilot, "long")
        await until(pilot, UserBlock)
        await ask(app, pilot, "/diff")
        await screen_is(pilot, DiffScreen)
        assert app.running
        await pilot.press("q", "escape")
    assert host.past.done == ["diff turn"]


async def test_a_commit_is_drafted_edited_and_made() -> None:
    host = ScriptedHost()
    app = QwrightApp(host)
    async with app.run_test(size=(100, 30)) as pilot:
        await ask(app, pilot, "/commit")
        await screen_is(pilot, CommitScreen)
        assert app.screen.query_one(TextArea).text == "Mend the parser"
        await pilot.press("escape")
        await screen_is(pilot, CommitScreen, wanted=False)
        assert host.past.done == []
        await ask(app, pilot, "/commit")
        await screen_is(pilot, CommitScreen)
        await pilot.press("enter", "enter", *"why", "ctrl+s")
        await settled(pilot, host, 1)
        assert notices(pilot) == ["Committed 2 files as 0123456789ab."]
    assert host.past.done == ["commit Mend the parser\n\nwhy"]
