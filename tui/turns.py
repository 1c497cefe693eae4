"""Requests in their order: one turn, or one command for an idle session, after the other."""

import asyncio
import logging
import time
from collections.abc import Coroutine
from dataclasses import replace
from typing import TYPE_CHECKING

from tui.commands.command import Command
from tui.commands.dispatch import command_line, find, refusal
from tui.faces.shelter import sheltered
from tui.host import HostFailed
from tui.prompt.waiting import Request, Waiting
from tui.session_app import SessionApp

if TYPE_CHECKING:
    from agent.session import Outcome
    from tui.faces.after import After

_logger = logging.getLogger(__name__)


class Turns:
    """What runs and what waits. `running` is true for commands too, `in_turn` only where the model is at work."""

    def __init__(self, app: SessionApp) -> None:
        self._app = app
        self._queue = Waiting()
        self._asked = asyncio.Event()
        self.running = False
        self._in_turn = False
        self._request = ""
        # Whether the session has the request of the turn that runs, or ran last.
        self.taken_in = False

    async def work(self) -> None:
        """Run what is asked, for ever."""
        while True:
            await self._asked.wait()
            self._asked.clear()
            while request := self._queue.next():
                self._draw()
                await self._take(request)

    def put(self, request: Request) -> None:
        """Queue a request; it runs when those before it have ended."""
        self._queue.put(request)
        self._asked.set()
        self._draw()

    def take_last(self) -> str | None:
        """The last queued request, taken out of the queue."""
        text = self._queue.take_last()
        self._draw()
        return text

    def steer(self, text: str) -> bool:
        """Hand a remark to the running turn; False where none takes it."""
        if not self._in_turn:
            return False
        try:
            self._app.host.steer(text)
        except HostFailed as failed:
            _logger.warning("a remark came too late", exc_info=failed)
            return False
        self._queue.remarks.append(text)
        self._draw()
        return True

    def heard(self, remark: str) -> None:
        """The model has read a remark."""
        if self._queue.read(remark):
            self._draw()

    async def run_command(self, command: Command, argument: str) -> None:
        """Run a row of the table, or say why not."""
        if refused := refusal(command, running=self.running):
            self._app.say(refused)
            return
        try:
            await sheltered(self._app.carry_out(command, argument))
        except HostFailed as failed:
            self._app.say(str(failed))

    async def drive(self, turn: "Coroutine[object, object, Outcome]", text: str = "") -> None:
        """A turn with all the cards that it shows. `text` is the request: it comes back if nobody took it in."""
        # Behind the first paint: most of the app's code is for turns.
        from tui.approval.deciding import decision
        from tui.faces.after import after

        self.taken_in = False
        try:
            outcome = await self._until_rest(turn)
            while (answer := await decision(self._app, outcome)) is not None:
                outcome = await self._until_rest(self._app.host.answer(answer))
                self._app.draw_mode()
        except HostFailed as failed:
            step = after("failed", failed.trouble)
            await self._say_next(step if self.taken_in else replace(step, prompt=text or step.prompt), failed)
            return
        trouble = self._app.host.trouble(outcome)
        await self._say_next(after(outcome.status, trouble), HostFailed(outcome.summary, trouble) if trouble else None)

    async def _say_next(self, step: "After", failed: HostFailed | None) -> None:
        """The way on from an end that is none."""
        mended = step.face and failed is not None and await self._app.mend(failed)
        if step.sentence and not mended:
            self._app.say(step.sentence)
        if step.prompt and not self._app.prompt.editor.text:
            self._app.prompt.put_back(step.prompt)

    async def _take(self, request: Request) -> None:
        """A request is a turn; a command for an idle session runs where its turn comes."""
        line = None if request.literal else command_line(request.text)
        command = find(self._app.commands, line.name) if line else None
        if command is None or line is None:
            from tui.prompt.pictures import pictures_in

            self._request = request.text
            named = () if request.literal else pictures_in(request.text)
            await self.drive(self._app.host.run(request.text, self._app.policy, named), request.text)
            return
        status = self._app.status
        status.begin(f"/{command.name}")
        self.running = True
        try:
            await self.run_command(command, line.argument)
        finally:
            self.running = False
        status.rest("ready")

    async def _until_rest(self, turn: "Coroutine[object, object, Outcome]") -> "Outcome":
        status = self._app.status
        status.begin("working")
        began, written = time.monotonic(), self._app.prompt.editor.text
        self.running = self._in_turn = True
        try:
            outcome = await sheltered(turn)
        except HostFailed as failed:
            from agent.events import FaultHandled

            self._app.tell(FaultHandled(str(failed), "the session is kept"))
            status.rest("stopped")
            self._ended()
            raise
        self._ended()
        if not self._app.drawn:
            return outcome
        typed = self._app.prompt.editor.text != written
        self._app.call_person(outcome.status, time.monotonic() - began, self._request, typed=typed)
        self._return_unheard(outcome)
        self._draw()
        status.rest("your answer?" if outcome.status == "waiting" else "ready")
        return outcome

    def _ended(self) -> None:
        self.running = self._in_turn = False
        self._queue.remarks.clear()
        if self._app.drawn:
            self._app.refresh_names()
            self._draw()

    def _return_unheard(self, outcome: "Outcome") -> None:
        """Remarks that came too late are the next request, or go back into the editor where the turn was stopped."""
        if not outcome.unheard:
            return
        text = "\n\n".join(outcome.unheard)
        if outcome.status == "done":
            self._queue.put(Request(text, literal=True), first=True)
        else:
            self._app.prompt.put_back(text)

    def _draw(self) -> None:
        self._app.prompt.queue.show(self._queue.remarks, [request.text for request in self._queue.requests])
