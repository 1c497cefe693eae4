"""/diff and /commit with their screens; the diff as lines."""

from hypothesis import given
from hypothesis import strategies as st
from textual.widgets import TextArea

from tests.fakes.host import ScriptedHost
from tests.tui.commands.test_commands import notices, screen_is
from tests.tui.past.test_undoing import settled
from tests.tui.test_app import ask
from tui.app import QwrightApp
from tui.past.commit_screen import CommitScreen
from tui.past.diff_lines import MOST_LINES, diff_files, path_of, styled
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


@given(st.lists(st.sampled_from(["+a", "-b", " c", "@@ x", "diff --git a/x b/x", "\t"]), max_size=60))
def test_every_line_is_shown_once(lines: list[str]) -> None:
    shown = list(styled("\n".join(lines)))
    assert [text.plain for text in shown] == [line.expandtabs(4) for line in "\n".join(lines).splitlines()]


def test_a_longer_diff_says_how_much_is_left_out() -> None:
    shown = list(styled("+x\n" * (MOST_LINES + 1234)))
    assert (len(shown), "1,234 lines more" in shown[-1].plain) == (MOST_LINES + 1, True)


async def test_diff_opens_a_screen_or_says_that_nothing_changed() -> None:
    host = ScriptedHost()
    app = QwrightApp(host)
    async with app.run_test(size=(100, 30)) as pilot:
        await ask(app, pilot, "/diff")
        await settled(pilot, host, 1)
        host.past.changed = Diff(PATCH, FILES)
        await ask(app, pilot, "/diff session")
        await screen_is(pilot, DiffScreen)
        await pilot.press("q")
        await screen_is(pilot, DiffScreen, wanted=False)
        assert notices(pilot) == ["Nothing has changed in this turn."]
    assert host.past.done == ["diff turn", "diff session"]


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
