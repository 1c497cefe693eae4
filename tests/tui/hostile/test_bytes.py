"""What the app writes to the terminal in a session that is hostile from end to end."""

import re

from textual.drivers.headless_driver import HeadlessDriver
from textual.pilot import Pilot

from agent.events import CallFinished, CallOutput, CallStarted, ContentDelta, Notice, ReasoningDelta, StepStarted
from tests.fakes.host import ScriptedHost
from tests.tui.hostile.stage import EVIL, MARKUP, hidden
from tests.tui.test_app import DONE, ask, until
from tui.app import QwrightApp
from tui.model.blocks import EndBlock
from tui.opened import Opened

# What Textual itself writes: colours, cursor places, modes of the terminal, the shape of the pointer.
OURS = re.compile(r"\x1b\[[0-9;]*[mH]|\x1b\[\?[0-9;]+[hl]|\x1b\[[<>=?]*[0-9;]*[a-zA-Z$]+|\x1b\]22;[a-z]+\x07|\r?\n")
PLAY = [
    StepStarted(1, True, EVIL),
    ReasoningDelta(EVIL),
    ContentDelta(EVIL),
    CallStarted("c", "bash", EVIL),
    CallOutput("c", EVIL),
    0.2,
    CallFinished("c", "bash", True, EVIL, EVIL, EVIL, 0.1),
    Notice(EVIL),
    DONE,
]


class Terminal(HeadlessDriver):
    """Keeps what is written."""

    written: list[str]

    @property
    def is_headless(self) -> bool:
        return False

    def write(self, data: str) -> None:
        data.encode()
        Terminal.written.append(data)

    def flush(self) -> None:
        """Nothing waits."""


async def test_nothing_hostile_is_written() -> None:
    Terminal.written = []
    host = ScriptedHost(PLAY, opened=Opened("s", EVIL, 1000, EVIL, EVIL))
    app = QwrightApp(host)
    app.driver_class = Terminal

    async def session(pilot: Pilot[int]) -> None:
        await ask(app, pilot, EVIL)
        await until(pilot, EndBlock)
        await pilot.pause(0.2)
        app.exit(0)

    await app.run_async(size=(100, 40), auto_pilot=session)  # pyright: ignore[reportArgumentType]  # Textual calls it a pilot of any app
    written = "".join(Terminal.written)
    assert MARKUP in written
    assert not any(piece in written for piece in ("\x1b]0;T", "\x1b[2J", "\x9b", "\x1b[31m"))
    assert hidden(OURS.sub("", written)) == set()
