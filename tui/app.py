"""The app: paints at once, opens the session behind the screen, runs one turn after the other."""

import asyncio
import gc
import logging
import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.events import Event, Key, Paste
from textual.screen import ModalScreen, Screen

from agent.policies import policy_named
from tui.commands.command import Command
from tui.commands.dispatch import command_line, find, unknown
from tui.commands.table import COMMANDS
from tui.conversation.view import Conversation
from tui.door import means_prompt
from tui.faces.opening import mended_by, opened_by
from tui.host import AppHost, HostFailed
from tui.model.safe import visible
from tui.opened import Opened
from tui.prompt.area import PromptArea
from tui.prompt.editor import PromptEditor
from tui.prompt.waiting import Request
from tui.session_app import SessionApp
from tui.status.line import StatusLine
from tui.themes.names import Look, ThemeName
from tui.themes.using import use
from tui.turns import Turns

if TYPE_CHECKING:
    from agent import events

_logger = logging.getLogger(__name__)
# Pieces of a stream are drawn together at most this often; a person sees no more.
_FRAME_S = 1 / 15
_TWICE_S = 0.8


class QwrightApp(SessionApp):
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

    def __init__(
        self,
        host: AppHost,
        clock: Callable[[], float] = time.monotonic,
        look: Look | None = None,
        request: str = "",
    ) -> None:
        super().__init__(host, clock)
        self._first = request
        self.look = look or Look()
        use(self, self.look.theme, self.look.light)
        self.title = host.title
        self._taken: list[str] = []
        self._events: deque[events.Event] = deque()
        self._happened = asyncio.Event()
        self._custom: list[Command] = []
        self._turns = Turns(self)
        self._escaped = -_TWICE_S

    def refresh_css(self, animate: bool = True) -> None:
        """The first theme is there before anything is styled: no sheet would be read a second time for it."""
        if self._driver is not None:
            super().refresh_css(animate)

    @property
    def running(self) -> bool:
        """Whether a turn or a command runs."""
        return self._turns.running

    @property
    def commands(self) -> tuple[Command, ...]:
        """The table, and what the user and the project added."""
        return (*COMMANDS, *self._custom)

    async def carry_out(self, command: Command, argument: str) -> None:
        """Run a row of the table; nothing where the focused widget itself handles it."""
        if command.run is not None:
            await command.run(self, argument)

    def compose(self) -> ComposeResult:
        """Conversation, prompt, status."""
        yield Conversation(self.clock, id="conversation")
        yield PromptArea(self.host, lambda: self.commands, self._turns.take_last)
        yield StatusLine(self.clock)

    def on_mount(self) -> None:
        """The first paint needs nothing but this; all else begins behind it."""
        self.prompt.editor.focus()
        self.prompt.editor.insert(visible(self.look.typed))
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        # Whoever started the app switched the collector off: it finds no garbage in what was loaded for the paint.
        gc.enable()
        self.prompt.load_history()
        self._show_events()
        if self._first:
            self.submit(self._first)
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
        opened = await opened_by(self, self.host.open(self.tell))
        if opened is not None:
            self._opened(opened)
        self._first = ""
        gc.collect()
        # What is loaded by now stays: scanning it again and again would make typing stutter (Textual #6381).
        gc.freeze()
        await self._turns.work()

    async def mend(self, failed: HostFailed) -> bool:
        """Show what stands in the way and open the session anew when the person says so; whether it is open."""
        opened = await mended_by(self, failed)
        if opened is not None:
            await self.restart(opened)
        return opened is not None

    async def reopen(self) -> None:
        """Leave this session and open it anew."""
        if opened := await opened_by(self, self.host.reopen()):
            await self.restart(opened)

    async def go_on(self) -> None:
        """Go on with the interrupted request."""
        await self._turns.drive(self.host.resume())

    def steer(self, text: str) -> None:
        """A remark for the running turn; a request where none runs."""
        if not self._turns.steer(text):
            self.submit(text)

    def pressed_twice(self) -> bool:
        """Whether Escape was pressed a moment before, too."""
        before, self._escaped = self._escaped, self.clock()
        return self._escaped - before < _TWICE_S

    def rewind(self) -> None:
        """Go back to an earlier request, where there is a command for it."""
        if find(self.commands, "rewind"):
            self.submit("/rewind")

    def on_prompt_area_told(self, message: PromptArea.Told) -> None:
        """A sentence of the prompt."""
        self.say(message.sentence)

    def on_prompt_area_sent(self, message: PromptArea.Sent) -> None:
        """What was typed is a request or a command."""
        self.submit(message.text)

    def submit(self, text: str) -> None:
        """A request waits its turn, and so does a command for an idle session; other commands run at once."""
        if text.startswith("!"):
            text = f"/shell {text[1:].strip()}"
        line = command_line(text)
        command = find(self.commands, line.name) if line else None
        if line is not None and command is None:
            self.say(unknown(self.commands, line.name))
        elif line is not None and command is not None and command.when != "idle":
            self.run_worker(self._turns.run_command(command, line.argument), group="command")
        else:
            self._turns.put(Request(text))

    def ask(self, text: str) -> None:
        """Send a prepared request, whatever it begins with."""
        self._turns.put(Request(text, literal=True))

    async def edit_outside(self) -> None:
        """Put the written text into the user's editor and take it back."""
        from tui.prompt.external import NoEditor, edited, lent

        try:
            self.prompt.editor.write(await edited(self.prompt.editor.whole_text, lambda: lent(self)))
        except NoEditor as error:
            self.say(str(error))
        self.refresh(layout=True)

    def refresh_names(self) -> None:
        """A turn may have changed which files and commands there are."""
        self.prompt.files_changed()
        self._load_custom()

    @work(exclusive=True, group="custom")
    async def _load_custom(self) -> None:
        try:
            custom = await self.host.custom_commands()
        except HostFailed as failed:
            # What is wrong with the sandbox, the next request tells.
            _logger.warning("custom commands cannot be read", exc_info=failed)
            return
        from tui.commands.custom_rows import as_rows

        self._custom, taken = as_rows(custom, lambda name: find(COMMANDS, name) is not None)
        if taken and taken != self._taken:
            self._taken = taken
            self.say(f"Not used, because qwright has commands of these names: {', '.join(sorted(set(taken)))}.")

    def show(self, screen: Screen[None]) -> None:
        """Open a screen above the conversation."""
        self.push_screen(screen)

    async def restart(self, opened: Opened) -> None:
        """Another session is open now: its conversation on the screen."""
        self._events.clear()
        await self.conversation.restart()
        self._opened(opened)

    def _opened(self, opened: Opened) -> None:
        from agent.events import TurnEnded

        status = self.status
        self.configure(policy_named(opened.thinking) or "auto")
        status.opened(opened)
        self.draw_mode()
        status.rest("ready")
        self._load_custom()
        for event in opened.history:
            self.tell(event)
        if opened.unfinished:
            # Nothing runs: a call without a result was cut off, or waits for a person.
            self.tell(TurnEnded("waiting", "", 0))
            self.say("The last request was interrupted: Enter continues it; or ask something else.")
            if not self.prompt.editor.text and not self._first:
                self.prompt.put_back("/continue")

    def wear(self, theme: ThemeName) -> None:
        """Show everything in another theme."""
        self.look = replace(self.look, theme=theme)
        use(self, theme, self.look.light)

    async def on_event(self, event: Event) -> None:
        """Whoever types or pastes while a card has the focus means the prompt."""
        if isinstance(event, Key | Paste) and not event.is_forwarded and not isinstance(self.focused, PromptEditor):
            for editor in () if isinstance(self.screen, ModalScreen) else self.screen.query(PromptEditor):
                if means_prompt(event, self.focused):
                    self.screen.set_focus(editor)
        await super().on_event(event)

    def on_text_selected(self) -> None:
        """What was marked with the mouse is copied: Ctrl+C has another meaning here."""
        if text := self.screen.get_selected_text():
            self.copy_to_clipboard(text)
            self.notify(f"{len(text):,} characters are in the clipboard, if your terminal allows it.", markup=False)

    async def action_command(self, number: int) -> None:
        """The key of a row of the table was pressed."""
        command = COMMANDS[number]
        if command.when == "idle":
            self.submit(f"/{command.name}")
        elif command.when == "always" or self.running:
            await self._turns.run_command(command, "")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys of commands mean nothing while another screen is open above the conversation."""
        return not (action == "command" and isinstance(self.screen, ModalScreen))

    def action_interrupt(self) -> None:
        """End the model call or tool that runs."""
        if self.running:
            self.host.cancel()

    async def action_interrupt_or_quit(self) -> None:
        """Ctrl+C ends what runs, also at a card, and quits when nothing does."""
        from agent.approvals import Approval
        from tui.approval.card import ApprovalCard
        from tui.approval.question import QuestionCard

        if isinstance(self.screen, ApprovalCard | QuestionCard):
            self.screen.dismiss(Approval(allow=False, stop=True))
        elif self.running:
            self.host.cancel()
        else:
            await self.action_quit()

    async def action_quit(self) -> None:
        """Close the session, then the screen."""
        await self.end(0)

    async def end(self, code: int) -> None:
        """The same with another exit code."""
        self.status.begin("closing")
        await self.host.close()
        self.exit(code)

    def tell(self, event: "events.Event") -> None:
        """Draw an event, behind those that came before it."""
        from agent.events import TurnStarted

        if isinstance(event, TurnStarted):
            self._turns.taken_in = True
        self._events.append(event)
        self._happened.set()

    def _note(self, batch: "list[events.Event]") -> None:
        """What the status line takes from events."""
        from agent.events import Steered

        status = self.status
        for event in batch:
            status.hear(event)
            if isinstance(event, Steered):
                self._turns.heard(event.text)
