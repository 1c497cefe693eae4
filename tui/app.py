"""The app: paints at once, opens the session behind the screen, runs one turn after the other."""

import asyncio
import gc
import logging
import time
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen, Screen

from agent import events
from agent.thinking import Policy, policy_named
from tui.commands.command import Command
from tui.commands.dispatch import command_line, find, refusal, unknown
from tui.commands.table import COMMANDS
from tui.conversation.view import Conversation
from tui.host import Host, HostFailed, Opened
from tui.prompt.editor import PromptEditor
from tui.status.line import StatusLine

if TYPE_CHECKING:
    from agent.session import Outcome

_logger = logging.getLogger(__name__)
# Pieces of a stream are drawn together at most this often; a person sees no more.
_FRAME_S = 0.05


class QwrightApp(App[int]):
    """One session over one repository; the host does everything that is not a screen."""

    CSS_PATH = "app.tcss"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+c", "interrupt_or_quit", "Interrupt, twice: quit", priority=True),
        *(
            Binding(row.key, f"command({number})", row.help, priority=row.key != "escape")
            for number, row in enumerate(COMMANDS)
            if row.key and row.run
        ),
    ]

    def __init__(self, host: Host, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self.title = host.title
        self.host = host
        self.policy: Policy | None = None
        self._events: deque[events.Event] = deque()
        self._happened = asyncio.Event()
        self._requests: deque[str] = deque()
        self._asked = asyncio.Event()
        self._waiting = False
        self.running = False

    @property
    def conversation(self) -> Conversation:
        """The conversation on the screen."""
        return self.query_one(Conversation)

    def compose(self) -> ComposeResult:
        """Conversation, prompt, status."""
        yield Conversation(id="conversation")
        yield PromptEditor()
        yield StatusLine(self._clock)

    def on_mount(self) -> None:
        """The first paint needs nothing but this; all else begins behind it."""
        self.query_one(PromptEditor).focus()
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        self._show_events()
        self._work()

    @work(exclusive=True, group="show")
    async def _show_events(self) -> None:
        """Draw what happened, batch by batch."""
        while True:
            await self._happened.wait()
            self._happened.clear()
            batch = list(self._events)
            self._events.clear()
            self._note(batch)
            await self.conversation.take(batch)
            await asyncio.sleep(_FRAME_S)

    @work(exclusive=True, group="work")
    async def _work(self) -> None:
        """Open the session, then run requests in their order."""
        status = self.query_one(StatusLine)
        status.begin("opening")
        try:
            opened = await self.host.open(self._sink)
        except HostFailed as failed:
            _logger.warning("the session cannot be opened", exc_info=failed)
            status.rest("not ready")
            self._sink(events.FaultHandled(str(failed), "mend it, then start qwright again"))
            return
        self._opened(opened)
        gc.collect()
        # What is loaded by now stays: scanning it again and again would make typing stutter (Textual #6381).
        gc.freeze()
        while True:
            await self._asked.wait()
            self._asked.clear()
            while self._requests:
                await self._take(self._requests.popleft())

    async def _take(self, text: str) -> None:
        """A request is a turn; a command for an idle session runs where its turn comes."""
        line = command_line(text)
        command = find(COMMANDS, line.name) if line else None
        if command is None or line is None:
            await self._turn(text)
            return
        status = self.query_one(StatusLine)
        status.begin(f"/{command.name}")
        await self._run_command(command, line.argument)
        status.rest("ready")

    async def _run_command(self, command: Command, argument: str) -> None:
        if command.run is None:
            return
        if refused := refusal(command, running=self.running):
            self.say(refused)
            return
        try:
            await command.run(self, argument)
        except HostFailed as failed:
            _logger.warning("the command %s failed", command.title, exc_info=failed)
            self.say(str(failed))

    async def _turn(self, text: str) -> None:
        status = self.query_one(StatusLine)
        status.begin("working")
        self.running = True
        try:
            outcome = await (self.host.answer(text) if self._waiting else self.host.run(text, self.policy))
        except HostFailed as failed:
            _logger.warning("the turn could not run", exc_info=failed)
            self._sink(events.FaultHandled(str(failed), "the session is kept"))
            status.rest("stopped")
            return
        finally:
            self.running = False
        self._waiting = outcome.status == "waiting"
        status.rest(_rest_word(outcome))

    def on_prompt_editor_sent(self, message: PromptEditor.Sent) -> None:
        """What was typed is a request or a command."""
        self.submit(message.text)

    def submit(self, text: str) -> None:
        """A request waits its turn, and so does a command for an idle session; other commands run at once."""
        line = command_line(text)
        if line is not None:
            command = find(COMMANDS, line.name)
            if command is None:
                self.say(unknown(COMMANDS, line.name))
                return
            if command.when != "idle":
                self.run_worker(self._run_command(command, line.argument), group="command")
                return
        self._requests.append(text)
        self._asked.set()

    def say(self, sentence: str) -> None:
        """Put a notice into the conversation."""
        self._sink(events.Notice(sentence))

    def show(self, screen: Screen[None]) -> None:
        """Open a screen above the conversation."""
        self.push_screen(screen)

    async def restart(self, opened: Opened) -> None:
        """Another session is open now: its conversation on the screen."""
        self._events.clear()
        self._waiting = False
        await self.conversation.restart()
        self._opened(opened)

    def _opened(self, opened: Opened) -> None:
        status = self.query_one(StatusLine)
        self.policy = self.policy or policy_named(opened.thinking)
        status.opened(opened)
        status.rest("ready")

    def draw_policy(self) -> None:
        """`policy` was changed."""
        self.query_one(StatusLine).policy(self.policy or "")

    async def action_command(self, number: int) -> None:
        """The key of a row of the table was pressed."""
        command = COMMANDS[number]
        if command.when == "idle":
            self.submit(f"/{command.name}")
        elif command.when == "always" or self.running:
            await self._run_command(command, "")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys of commands mean nothing while another screen is open above the conversation."""
        return not (action == "command" and isinstance(self.screen, ModalScreen))

    def action_interrupt(self) -> None:
        """End the model call or tool that runs."""
        if self.running:
            self.host.cancel()

    async def action_interrupt_or_quit(self) -> None:
        """Ctrl+C ends what runs, and quits when nothing does."""
        if self.running:
            self.host.cancel()
        else:
            await self.action_quit()

    async def action_quit(self) -> None:
        """Close the session, then the screen."""
        self.query_one(StatusLine).begin("closing")
        await self.host.close()
        self.exit(0)

    def _sink(self, event: events.Event) -> None:
        self._events.append(event)
        self._happened.set()

    def _note(self, batch: list[events.Event]) -> None:
        """What the status line takes from events."""
        status = self.query_one(StatusLine)
        for event in batch:
            if isinstance(event, events.StepFinished):
                status.used(event.usage)


def _rest_word(outcome: "Outcome") -> str:
    return "your answer?" if outcome.status == "waiting" else "ready"
