"""The pictures of the README: `python -m tests.tui.readme_pictures` draws them into docs/pictures.

The app is the real one; the session behind it plays what a session has said, so that the pictures stay the same.
"""

import asyncio
import json
import re
from pathlib import Path

from textual.pilot import Pilot
from textual.widgets import Input

from agent.events import (
    ApprovalAsked,
    CallFinished,
    CallNamed,
    CallStarted,
    ContentDelta,
    Event,
    ReasoningDelta,
    StepFinished,
    StepStarted,
    TurnEnded,
)
from agent.permissions.suggest import Suggestion
from agent.turn import Usage
from tests.fakes.host import ScriptedHost
from tests.fakes.past import ListPast
from tests.fakes.setup import ScriptedSetup
from tests.tui.commands.test_commands import screen_is
from tests.tui.pictures import opened, settled
from tests.tui.states import app_of
from tests.tui.test_app import ask, until
from tui.app import QwrightApp
from tui.faces.setup import Found
from tui.host import HostFailed
from tui.model.blocks import EndBlock, ThoughtBlock
from tui.opened import Opened
from tui.past.diff_lines import file_parts
from tui.past.diff_screen import DiffScreen
from tui.past.host import Diff, FileLine
from tui.prompt.editor import PromptEditor

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "pictures"
SIZE = (104, 34)
# Two columns need room.
WIDE = (148, 34)
OPENED = Opened("20260401-101500-3f2a1c", "Qwen/Qwen3.5-122B-A10B", 262_144, "docker: qwright/base, no network", "auto")
_FONTS = re.compile(r"\s*@font-face \{.*?\}", re.DOTALL)
# The width that Rich's SVG gives to a cell.
_CELL = 12.2
_BLANK = "&#160;"
_INDENTED = re.compile(
    r'x="(?P<x>[\d.]+)" y="(?P<y>[\d.]+)" textLength="(?P<length>[\d.]+)" clip-path="(?P<clip>[^"]*)">'
    rf"(?P<blanks>(?:{_BLANK})+)(?=[^<])"
)
REQUEST = "durations of 59.9 s come out as '60 s'; they should be '1 min 0 s'"
THOUGHT = (
    "The test says 59.96 gives '60 s'. format() splits with divmod first and rounds the last remainder afterwards, so "
    "a remainder of 59.96 becomes 60 and nothing carries over. Rounding once, before the split, cannot do that."
)
DIFF = """\
--- a/durations/formatting.py
+++ b/durations/formatting.py
@@ -14,7 +14,7 @@
 def parts(seconds: float) -> list[tuple[int, str]]:
-    minutes, rest = divmod(seconds, 60)
-    return [(int(minutes), "min"), (round(rest), "s")]
+    minutes, rest = divmod(round(seconds), 60)
+    return [(minutes, "min"), (rest, "s")]
"""
PATCH = f"diff --git a/durations/formatting.py b/durations/formatting.py\n{DIFF}"
SAID = (
    "The value was split **before** it was rounded, so a remainder of 59.96 became `60 s` and nothing carried over. "
    "`parts` now rounds once, first; all 14 tests pass."
)


def _call(number: int, tool: str, arguments: dict[str, str], result: CallFinished) -> list[Event | float]:
    return [CallNamed(tool), CallStarted(f"c{number}", tool, json.dumps(arguments)), result]


EDIT = {"command": "str_replace", "path": "durations/formatting.py"}
TURN: list[Event | float] = [
    StepStarted(1, False, "routine step"),
    *_call(
        1,
        "bash",
        {"command": "python3 -m unittest"},
        CallFinished(
            "c1", "bash", False, "exit 1", "AssertionError: '60 s' != '1 min 0 s'\nRan 14 tests\nFAILED", "", 0.4
        ),
    ),
    StepFinished(1, Usage(3211, 40, 0, 2496), 0.1, 0.6, ""),
    StepStarted(2, True, "a test failed"),
    ReasoningDelta(THOUGHT),
    StepFinished(2, Usage(3850, 260, 187, 3200), 0.2, 3.1, "", 2.4),
    *_call(
        2, "str_replace_editor", EDIT, CallFinished("c2", "str_replace_editor", True, "edited", "Edited.", DIFF, 0.1)
    ),
    StepStarted(3, False, "routine step"),
    *_call(
        3,
        "bash",
        {"command": "python3 -m unittest"},
        CallFinished("c3", "bash", True, "exit 0", "Ran 14 tests in 0.008s\n\n\x1b[32mOK\x1b[0m", "", 0.4),
    ),
    ContentDelta(SAID),
    StepFinished(3, Usage(4120, 70, 0, 3850), 0.1, 0.9, SAID),
    TurnEnded("done", SAID, 3),
]
NOWHERE = "Cannot reach the model server at http://127.0.0.1:8000/v1 (Connection refused). Start it, or name another."
LINE = "git fetch origin && git rebase origin/main && pip install -e '.[dev]'"
CARD = ApprovalAsked(
    "c4",
    "bash",
    json.dumps({"command": LINE}),
    "Asked although it runs in a sandbox: `git rebase` rewrites commits of your tree.",
    ("git fetch origin", "git rebase origin/main", "pip install -e '.[dev]'"),
    (Suggestion("git rebase origin/main", "bash: git rebase origin/main", "bash: git rebase *"),),
)


def _host(*plays: list[Event | float]) -> QwrightApp:
    host = ScriptedHost(*plays, opened=OPENED)
    return QwrightApp(host, clock=lambda: 0.0)


async def _answered(pilot: Pilot[int]) -> None:
    await ask(app_of(pilot), pilot, REQUEST)
    await until(pilot, ThoughtBlock)
    conversation = app_of(pilot).conversation
    thought = next(place for place, block in enumerate(conversation.feed.blocks) if isinstance(block, ThoughtBlock))
    conversation.fold(thought, folded=False)
    conversation.follow()


async def _carded(pilot: Pilot[int]) -> None:
    await _answered(pilot)
    await until(pilot, EndBlock)
    await ask(app_of(pilot), pilot, "bring this up to date with main")


async def _helped(pilot: Pilot[int]) -> None:
    await ask(app_of(pilot), pilot, "/help")


def _unset() -> QwrightApp:
    host = ScriptedHost(failure=HostFailed(NOWHERE, "not_set_up"))
    host.setup = ScriptedSetup([Found("http://127.0.0.1:8001/v1", (OPENED.model,), "0.32.0")])
    return QwrightApp(host, clock=lambda: 0.0)


async def _looked(pilot: Pilot[int]) -> None:
    await pilot.pause(0.3)


async def _counted(pilot: Pilot[int]) -> None:
    await ask(app_of(pilot), pilot, "/context")


def _worked(*plays: list[Event | float]) -> QwrightApp:
    host = ScriptedHost(*plays, opened=OPENED)
    host.past = ListPast(lambda: OPENED, "add --json to the command line", REQUEST, mine=("README.md",))
    host.past.files = ("durations/formatting.py",)
    counted = file_parts(PATCH)
    host.past.changed = Diff(PATCH, [FileLine(part.path, 2, 2) for part in counted])
    return QwrightApp(host, clock=lambda: 0.0)


async def _going_back(pilot: Pilot[int]) -> None:
    await _answered(pilot)
    await until(pilot, EndBlock)
    await ask(app_of(pilot), pilot, "/rewind 2")


async def _compared(pilot: Pilot[int]) -> None:
    await _answered(pilot)
    await until(pilot, EndBlock)
    await ask(app_of(pilot), pilot, "/diff")
    await screen_is(pilot, DiffScreen)


PICTURES = {
    "rewind": (lambda: _worked(TURN), _going_back, "dark"),
    "diff": (lambda: _worked(TURN), _compared, "light"),
    "first": (_unset, _looked, "dark"),
    "context": (_host, _counted, "dark"),
    "answer": (lambda: _host(TURN), _answered, "dark"),
    "approval": (
        lambda: _host(TURN, [StepStarted(4, False, "routine step"), CallNamed("bash"), CARD]),
        _carded,
        "dark",
    ),
    "help": (_host, _helped, "dark"),
    "light": (lambda: _host(TURN), _answered, "light"),
}


async def draw(name: str) -> str:
    """One picture as SVG, without fonts from elsewhere."""
    make, act, theme = PICTURES[name]
    app = make()
    app.animation_level = "none"
    async with app.run_test(size=WIDE if name == "diff" else SIZE) as pilot:
        app.wear(theme)  # pyright: ignore[reportArgumentType]  # one of the names above
        app.query_one(PromptEditor).cursor_blink = False
        await opened(pilot)
        await act(pilot)
        await pilot.pause(0.5)
        for field in app.screen.query(Input):
            field.cursor_blink = False
        drawn = _FONTS.sub("", await settled(pilot, f"qwright: {name}"))
    return _INDENTED.sub(_moved, drawn)


def _moved(text: re.Match[str]) -> str:
    """A text that begins where its first letter stands: some viewers leave blanks at its beginning out."""
    blanks = len(text["blanks"]) // len(_BLANK)
    begin, length = float(text["x"]) + blanks * _CELL, float(text["length"]) - blanks * _CELL
    return f'x="{begin:.1f}" y="{text["y"]}" textLength="{length:.1f}" clip-path="{text["clip"]}">'


def main() -> None:
    """Draw all."""
    FOLDER.mkdir(exist_ok=True)
    for name in PICTURES:
        (FOLDER / f"{name}.svg").write_text(asyncio.run(draw(name)), encoding="utf-8")
        print(f"docs/pictures/{name}.svg")


if __name__ == "__main__":
    main()
