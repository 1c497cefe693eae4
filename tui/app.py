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

from agent import events
from tui.conversation.view import Conversation
from tui.host import Host, HostFailed
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
        Binding("escape", "interrupt", "Interrupt"),
        Binding("ctrl+c", "interrupt_or_quit", "Interrupt, twice: quit", priority=True),
        Binding("ctrl+d", "quit", "Quit", priority=True),
    ]

    def __init__(self, host: Host, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self.title = host.title
        self._host = host
        self._events: deque[events.Event] = deque()
        self._happened = asyncio.Event()
        self._requests: deque[str] = deque()
        self._asked = asyncio.Event()
        self._waiting = False
        self._running = False

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
            opened = await self._host.open(self._sink)
        except HostFailed as failed:
            _logger.warning("the session cannot be opened", exc_info=failed)
            status.rest("not ready")
            self._sink(events.FaultHandled(str(failed), "mend it, then start qwright again"))
            return
        status.opened(opened)
        status.rest("ready")
        gc.collect()
        # What is loaded by now stays: scanning it again and again would make typing stutter (Textual #6381).
        gc.freeze()
        while True:
            await self._asked.wait()
            self._asked.clear()
            while self._requests:
                await self._turn(self._requests.popleft())

    async def _turn(self, text: str) -> None:
        status = self.query_one(StatusLine)
        status.begin("working")
        self._running = True
        try:
            outcome = await (self._host.answer(text) if self._waiting else self._host.run(text))
        except HostFailed as failed:
            _logger.warning("the turn could not run", exc_info=failed)
            self._sink(events.FaultHandled(str(failed), "the session is kept"))
            status.rest("stopped")
            return
        finally:
            self._running = False
        self._waiting = outcome.status == "waiting"
        status.rest(_rest_word(outcome))

    def on_prompt_editor_sent(self, message: PromptEditor.Sent) -> None:
        """A request waits its turn; the first one begins at once."""
        self._requests.append(message.text)
        self._asked.set()

    def action_interrupt(self) -> None:
        """End the model call or tool that runs."""
        if self._running:
            self._host.cancel()

    async def action_interrupt_or_quit(self) -> None:
        """Ctrl+C ends what runs, and quits when nothing does."""
        if self._running:
            self._host.cancel()
        else:
            await self.action_quit()

    async def action_quit(self) -> None:
        """Close the session, then the screen."""
        self.query_one(StatusLine).begin("closing")
        await self._host.close()
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
