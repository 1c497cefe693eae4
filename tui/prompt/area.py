"""The lower part of the screen: what waits, completions, and the editor."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import TextArea

from tui.commands.command import Command
from tui.commands.dispatch import find
from tui.host import Host, HostFailed
from tui.prompt.completion import Choice, Wanted, argument_choices, command_choices, quoted
from tui.prompt.editor import PromptEditor
from tui.prompt.history import History
from tui.prompt.matching import FileIndex
from tui.prompt.pictures import is_picture, mention
from tui.prompt.popup import Popup
from tui.prompt.queue_view import QueueView

MOST_FILES = 50


class PromptArea(Vertical):
    """Owns the history and the index of files; sends `Sent`, `Recalled` and `Told` upward."""

    @dataclass
    class Sent(Message):
        """A text to be run."""

        text: str

    @dataclass
    class Told(Message):
        """A sentence for the person."""

        sentence: str

    def __init__(
        self, host: Host, commands: Callable[[], Sequence[Command]], unqueue: Callable[[], str | None]
    ) -> None:
        super().__init__(id="prompt-area")
        self._host = host
        self._commands = commands
        self._unqueue = unqueue
        self._index: FileIndex | None = None
        self.history = History()
        self.queue = QueueView()
        self._popup = Popup(self._known)
        self.editor = PromptEditor(self._popup)

    def compose(self) -> ComposeResult:
        """What waits, what can be chosen, what is typed."""
        yield self.queue
        yield self._popup
        yield self.editor

    @work(exclusive=True, group="past")
    async def load_history(self) -> None:
        """What earlier sessions on this project asked."""
        try:
            self.history.load(await self._host.asked_before())
        except HostFailed as failed:
            self.post_message(self.Told(str(failed)))

    @property
    def completions(self) -> str:
        """What the popup offers, as text."""
        return self._popup.text

    def files_changed(self) -> None:
        """The next mention looks at the files anew."""
        self._index = None

    def send(self, text: str) -> None:
        """As if it had been typed and sent."""
        self.post_message(self.Sent(text))

    def put_back(self, text: str) -> None:
        """Give a text back to be edited, above what stands there."""
        written = self.editor.text
        self.editor.write(f"{text}\n{written}" if written else text)
        self.editor.focus()

    @on(PromptEditor.Sent)
    async def _sent(self, message: PromptEditor.Sent) -> None:
        message.stop()
        self.post_message(self.Sent(message.text))
        await self.remember(message.text)

    async def remember(self, text: str) -> None:
        """Keep a text for later sessions."""
        if self.history.add(text):
            await self._host.remember(text)

    @on(PromptEditor.Turned)
    def _turned(self, message: PromptEditor.Turned) -> None:
        message.stop()
        if message.direction < 0 and not self.editor.text and (queued := self._unqueue()) is not None:
            self.editor.write(queued)
            return
        written = self.editor.whole_text
        text = self.history.back(written) if message.direction < 0 else self.history.forward()
        if text is not None:
            self.editor.write(text)
            # Whatever it begins with, going on through the history is what the next key means.
            self.call_after_refresh(self._popup.offer, ())

    @on(TextArea.Changed)
    def _changed(self) -> None:
        self._complete()

    @work(exclusive=True, group="complete")
    async def _complete(self) -> None:
        """Offer what fits the text at the cursor; a newer key press ends the search of the one before."""
        what = self.editor.wanted
        self._popup.offer(await self._choices(what) if what else (), what)

    def _known(self, what: Wanted) -> Sequence[Choice]:
        """What fits, of commands and their arguments; files have to be looked for."""
        if what.kind == "command":
            return command_choices(self._commands(), what.query)
        if what.kind == "argument":
            command = find(self._commands(), what.command)
            return argument_choices(command, what.query) if command else ()
        return ()

    async def _choices(self, what: Wanted) -> Sequence[Choice]:
        if what.kind != "file":
            return self._known(what)
        try:
            if self._index is None:
                self._index = await asyncio.to_thread(FileIndex, await self._host.files())
        except HostFailed:
            return ()
        index = self._index
        return [Choice(path, "", f"{_named(path)} ") for path in await index.search(what.query, MOST_FILES)]


def _named(path: str) -> str:
    """A picture stays a mention, because it is sent along; of other files the model gets the path."""
    return mention(path) if is_picture(path) else quoted(path)
