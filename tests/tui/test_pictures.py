"""The main states of the app as pictures."""

import pytest
from textual.pilot import Pilot

from agent.events import CallFinished, CallNamed, CallOutput, CallStarted, ReasoningDelta, StepStarted
from tests.fakes.host import ScriptedHost
from tests.tui.pictures import WIDTHS, check_picture
from tests.tui.test_app import ANSWERED, ask, until
from tui.app import QwrightApp
from tui.model.blocks import EndBlock, ToolBlock

DIFF = "--- a/calc.py\n+++ b/calc.py\n@@ -1,2 +1,2 @@\n def add(a, b):\n-    return a - b\n+    return a + b\n"
EDITED = [
    StepStarted(1, False, "routine step"),
    CallNamed("str_replace_editor"),
    CallStarted("a", "str_replace_editor", '{"command": "str_replace", "path": "calc.py"}'),
    CallFinished("a", "str_replace_editor", True, "1 change", "The file was changed.", DIFF, 0.1),
    CallStarted("b", "bash", '{"command": "pytest -q"}'),
    CallOutput("b", "\x1b[31mF\x1b[0m.\n".join(f"test {number} " for number in range(20))),
    StepStarted(2, True, "a test failed"),
    ReasoningDelta("它失败了 because the sign is still wrong in the other function."),
    60.0,
]


def app_of(*play: object) -> QwrightApp:
    return QwrightApp(ScriptedHost(play), clock=lambda: 0.0)  # pyright: ignore[reportArgumentType]  # a play


async def rest(pilot: Pilot[int]) -> None:
    await pilot.pause(0.2)


async def asked_to_the_end(pilot: Pilot[int]) -> None:
    await ask(pilot.app, pilot, "look around")  # pyright: ignore[reportArgumentType]  # the app under test
    await until(pilot, EndBlock)


async def asked_for_an_edit(pilot: Pilot[int]) -> None:
    await ask(pilot.app, pilot, "fix add")  # pyright: ignore[reportArgumentType]  # the app under test
    await until(pilot, ToolBlock, 2)
    await pilot.pause(0.3)


@pytest.mark.parametrize("width", WIDTHS)
async def test_at_rest(width: int) -> None:
    await check_picture("rest", app_of, rest, width)


@pytest.mark.parametrize("width", WIDTHS)
async def test_a_finished_turn(width: int) -> None:
    await check_picture("turn", lambda: app_of(*ANSWERED), asked_to_the_end, width)


@pytest.mark.parametrize("width", WIDTHS)
async def test_edits_output_and_live_thought(width: int) -> None:
    await check_picture("live", lambda: app_of(*EDITED), asked_for_an_edit, width)
