"""The main states of the app, for tests that hold in all of them: how to make it, and how to bring it there."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from textual.pilot import Pilot
from textual.widgets import Input

from agent.events import CallFinished, CallNamed, CallStarted, ContentDelta, FaultHandled, Notice, TurnEnded
from tests.fakes.host import ScriptedHost
from tests.fakes.setup import ScriptedSetup
from tests.tui.approval.test_cards import COMMAND, EDIT, PLAN, QUESTION
from tests.tui.commands.test_commands import screen_is
from tests.tui.faces.test_trouble import FOUND, LINES, NO_DOCKER, NO_SERVER, until_screen
from tests.tui.faces.test_trouble import app_of as faced
from tests.tui.faces.test_work import NO_IMAGE, until_shown
from tests.tui.past.test_changes import FILES, PATCH
from tests.tui.past.test_undoing import host_with
from tests.tui.test_app import ANSWERED, ask, on_screen, until
from tests.tui.test_pictures import EDITED
from tui.app import QwrightApp
from tui.approval.card import ApprovalCard
from tui.approval.question import QuestionCard
from tui.commands.help_screen import HelpScreen
from tui.conversation.pager import Pager
from tui.faces.serving import ServingScreen
from tui.faces.sure import SureScreen
from tui.faces.trouble import TroubleScreen
from tui.faces.wizard import WizardScreen
from tui.faces.work import WorkScreen
from tui.host import HostFailed
from tui.model.blocks import EndBlock, NoticeBlock, ToolBlock
from tui.past.choice import ChoiceScreen
from tui.past.diff_screen import DiffScreen
from tui.past.host import Diff
from tui.project.host import CheckLine, CheckOffer
from tui.project.map_screen import MapScreen

Act = Callable[[Pilot[int]], Awaitable[None]]
SAID = """# Head

Some `code`, *this*, **that** and [a link](https://example.org).

```python
def f(x):
    return 'a'
```

- one
- two

| a | b |
|---|---|
| 1 | 2 |
"""
TROUBLED = [
    Notice("The sandbox is ready."),
    FaultHandled("The call was cut off.", "asking again"),
    ContentDelta(SAID),
    CallNamed("bash"),
    CallStarted("a", "bash", '{"command": "make"}'),
    CallFinished("a", "bash", False, "exit 2", "\x1b[31mred\x1b[0m \x1b[32mgreen\x1b[0m \x1b[90mgrey\x1b[0m", "", 1.0),
    TurnEnded("failed", "The server is gone.", 1),
]


@dataclass(frozen=True, slots=True)
class State:
    make: Callable[[], QwrightApp]
    act: Act


def _play(*play: object) -> Callable[[], QwrightApp]:
    return lambda: QwrightApp(ScriptedHost(play), clock=lambda: 0.0)  # pyright: ignore[reportArgumentType]  # a play


def _changed() -> QwrightApp:
    host = host_with("Fix the parser", "Write the docs", mine=("src/mine.py",))
    host.past.changed = Diff(PATCH, FILES)
    return QwrightApp(host, clock=lambda: 0.0)


def _asked(count: int, kind: type[object]) -> Act:
    async def act(pilot: Pilot[int]) -> None:
        await ask(app_of(pilot), pilot, "look around")
        await until(pilot, kind, count)

    return act


def _card(kind: type[object] | None = None) -> Act:
    async def act(pilot: Pilot[int]) -> None:
        await ask(app_of(pilot), pilot, "go on")
        await on_screen(pilot, kind or ApprovalCard)

    return act


def _screen(command: str, kind: type[object]) -> Act:
    async def act(pilot: Pilot[int]) -> None:
        await ask(app_of(pilot), pilot, command)
        await screen_is(pilot, kind)

    return act


async def _typed(pilot: Pilot[int]) -> None:
    app_of(pilot).prompt.editor.insert("/")
    await pilot.pause(0.2)


async def _rest(pilot: Pilot[int]) -> None:
    await pilot.pause()


def app_of(pilot: Pilot[int]) -> QwrightApp:
    assert isinstance(pilot.app, QwrightApp)
    return pilot.app


def _face(failed: HostFailed, *work: str) -> Callable[[], QwrightApp]:
    def make() -> QwrightApp:
        app, host = faced(failed, setup=ScriptedSetup([FOUND], LINES))
        # The last line is followed by nothing: the work is seen while it goes on.
        host.setup.work = (*work, asyncio.Event())
        return app

    return make


def _ways(*steps: tuple[Sequence[str], type[object]]) -> Act:
    """Keys, each followed by the screen that they lead to."""

    async def act(pilot: Pilot[int]) -> None:
        await until_screen(pilot, TroubleScreen)
        for keys, kind in steps:
            await pilot.press(*keys)
            await until_screen(pilot, kind)
        for field in pilot.app.screen.query(Input):
            field.cursor_blink = False

    return act


async def _planned(pilot: Pilot[int]) -> None:
    await _ways((["f", *"27B", "enter"], ServingScreen))(pilot)
    await until_shown(pilot, "vllm serve 27B")


async def _started(pilot: Pilot[int]) -> None:
    await _planned(pilot)
    await pilot.press("ctrl+s")
    await until_screen(pilot, WorkScreen)
    await until_shown(pilot, "loading the weights")


async def _building(pilot: Pilot[int]) -> None:
    await _ways((["b"], WorkScreen))(pilot)
    await until_shown(pilot, "FROM debian")


async def _paged(pilot: Pilot[int]) -> None:
    await _asked(2, ToolBlock)(pilot)
    await pilot.press("tab", "g", "j", "o")
    await screen_is(pilot, Pager)


def _project() -> QwrightApp:
    host = ScriptedHost()
    host.project.lines = [CheckLine("test", "make test", own=False, runs=False)]
    host.project.suggested = [CheckOffer("lint", "make lint", "Makefile")]
    return QwrightApp(host, clock=lambda: 0.0)


async def _checks(pilot: Pilot[int]) -> None:
    await ask(app_of(pilot), pilot, "/checks")
    await until(pilot, NoticeBlock, 2)


# Pages, panels and the steps of a first contact.
SCREENS: Mapping[str, State] = {
    "pager": State(_play(*EDITED), _paged),
    "checks": State(_project, _checks),
    "map": State(_project, _screen("/map", MapScreen)),
    "no-server": State(_face(NO_SERVER), _ways()),
    "no-docker": State(_face(NO_DOCKER), _ways()),
    "risk": State(_face(NO_DOCKER), _ways((["l"], SureScreen))),
    "wizard": State(_face(NO_SERVER), _ways((["1"], WizardScreen))),
    "serving": State(_face(NO_SERVER), _planned),
    "starting": State(_face(NO_SERVER, "0 s, starting", "9 s, loading the weights"), _started),
    "no-image": State(_face(NO_IMAGE), _ways()),
    "building": State(_face(NO_IMAGE, "Step 1/9 : FROM debian:bookworm-slim"), _building),
}
STATES: Mapping[str, State] = {
    "rest": State(_play(), _rest),
    "turn": State(_play(*ANSWERED), _asked(1, EndBlock)),
    "live": State(_play(*EDITED), _asked(2, ToolBlock)),
    "troubled": State(_play(*TROUBLED), _asked(1, EndBlock)),
    "card-command": State(_play(COMMAND), _card()),
    "card-edit": State(_play(EDIT), _card()),
    "card-plan": State(_play(PLAN), _card()),
    "card-question": State(_play(QUESTION), _card(QuestionCard)),
    "completion": State(_play(), _typed),
    "help": State(_play(), _screen("/help", HelpScreen)),
    "diff": State(_changed, _screen("/diff session", DiffScreen)),
    "rewind": State(_changed, _screen("/rewind 1", ChoiceScreen)),
    **SCREENS,
}
