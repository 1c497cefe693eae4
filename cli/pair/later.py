"""A host that is there at once and made behind the first paint: configuration and engine take longer than a screen."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from agent.permissions.modes import Mode, Scope
from agent.policies import Policy
from cli.errors import CommandError
from tui.faces.setup import Choice, Setup
from tui.host import Host, HostFailed, Trouble
from tui.opened import Opened

if TYPE_CHECKING:
    from agent.approvals import Answer
    from agent.events import Event, EventSink
    from agent.permissions.rules import Rule
    from agent.session import Outcome
    from tui.commands.custom import CustomCommand
    from tui.panels.host import Figures
    from tui.past.host import Past
    from tui.project.host import Project

_NOTHING = Choice()


class LaterHost:
    """Implements `tui.host.AppHost` by the one that `make` gives, which runs in a thread and may raise `CommandError`.

    What a person chooses on a face is taken at the next `reopen`: then another host is made, over the same session.
    """

    def __init__(
        self,
        title: str,
        make: Callable[[Choice], Host],
        setup: Callable[[Callable[[], Choice], Callable[[Choice], None]], Setup],
        first: Choice = _NOTHING,
    ) -> None:
        self._title = title
        self._make = make
        self._make_setup = setup
        self._choice = first
        self._setup: Setup | None = None
        self._sink: EventSink = _unheard
        self._making: asyncio.Future[Host] | None = None
        self._host: Host | None = None
        self._mode: Mode | None = None

    @property
    def title(self) -> str:
        """See `Host.title`."""
        return self._title

    async def made(self) -> Host:
        """The real host; raises `HostFailed` when it cannot be made."""
        if self._host is not None:
            return self._host
        self._making = self._making or asyncio.ensure_future(asyncio.to_thread(self._make, self._choice))
        try:
            host = await asyncio.shield(self._making)
        except (CommandError, OSError) as error:
            from cli.pair.troubles import failure_of

            raise failure_of(error) from error
        if self._mode is not None:
            host.set_mode(self._mode)
        self._host = host
        return host

    @property
    def host(self) -> Host:
        """The real host; raises `HostFailed` before it is made."""
        if self._host is None:
            raise HostFailed(
                "The session is not open yet; wait for the sandbox and the server, or try /reopen.", "usage"
            )
        return self._host

    @property
    def project(self) -> "Project":
        """See `Host.project`."""
        return self.host.project

    @property
    def past(self) -> "Past":
        """See `Host.past`."""
        return self.host.past

    @property
    def mode(self) -> Mode:
        """See `Host.mode`."""
        return self._host.mode if self._host is not None else self._mode or "auto"

    def set_mode(self, mode: Mode) -> None:
        """See `Host.set_mode`."""
        self._mode = mode
        if self._host is not None:
            self._host.set_mode(mode)

    def rules(self) -> Sequence[tuple[Scope, "Rule"]]:
        """See `Host.rules`."""
        return self.host.rules()

    def forget(self, scope: Scope, rule: "Rule") -> None:
        """See `Host.forget`."""
        self.host.forget(scope, rule)

    def cancel(self) -> None:
        """See `Host.cancel`."""
        if self._host is not None:
            self._host.cancel()

    def steer(self, text: str) -> None:
        """See `Host.steer`."""
        self.host.steer(text)

    async def open(self, sink: "EventSink") -> Opened:
        """See `Host.open`."""
        self._sink = sink
        return await (await self.made()).open(sink)

    @property
    def setup(self) -> Setup:
        """See `AppHost.setup`."""
        self._setup = self._setup or self._make_setup(lambda: self._choice, self._choose)
        return self._setup

    def _choose(self, choice: Choice) -> None:
        self._choice = choice

    @property
    def figures(self) -> "Figures":
        """See `Host.figures`."""
        return self.host.figures

    @property
    def kept(self) -> str:
        """See `Host.kept`."""
        return self._host.kept if self._host is not None else self._choice.session

    async def reopen(self) -> Opened:
        """See `AppHost.reopen`. Made anew even if nothing was chosen: the settings may have changed."""
        if self._host is not None:
            self._choice = replace(self._choice, session=self._host.kept)
            await self._host.close()
        if self._choice.fresh:
            self._choice = replace(self._choice, session="", fresh=False)
        self._host = self._making = None
        return await self.open(self._sink)

    def trouble(self, outcome: "Outcome") -> Trouble | None:
        """See `Host.trouble`."""
        return self.host.trouble(outcome)

    async def run(self, text: str, thinking: Policy | None = None, pictures: Sequence[str] = ()) -> "Outcome":
        """See `Host.run`."""
        return await (await self.made()).run(text, thinking, pictures)

    async def resume(self) -> "Outcome":
        """See `Host.resume`."""
        return await (await self.made()).resume()

    async def answer(self, answer: "Answer") -> "Outcome":
        """See `Host.answer`."""
        return await (await self.made()).answer(answer)

    async def files(self) -> Sequence[str]:
        """See `Host.files`."""
        return await (await self.made()).files()

    async def custom_commands(self) -> "Sequence[CustomCommand]":
        """See `Host.custom_commands`."""
        return await (await self.made()).custom_commands()

    async def shell(self, command: str) -> None:
        """See `Host.shell`."""
        await (await self.made()).shell(command)

    async def clipboard_picture(self) -> str:
        """See `Host.clipboard_picture`."""
        return await (await self.made()).clipboard_picture()

    async def asked_before(self) -> Sequence[str]:
        """See `Host.asked_before`. Why there is no host is for `open` to say."""
        try:
            return await (await self.made()).asked_before()
        except HostFailed:
            return ()

    async def remember(self, text: str) -> None:
        """See `Host.remember`."""
        await (await self.made()).remember(text)

    async def keep_setting(self, key: str, value: str) -> str:
        """See `Host.keep_setting`."""
        return await (await self.made()).keep_setting(key, value)

    async def new_session(self) -> Opened:
        """See `Host.new_session`."""
        return await (await self.made()).new_session()

    async def compact(self, focus: str) -> str:
        """See `Host.compact`."""
        return await (await self.made()).compact(focus)

    async def close(self) -> None:
        """See `Host.close`. One that is still being made is waited for: a thread cannot be stopped."""
        if self._making is not None:
            await asyncio.gather(self._making, return_exceptions=True)
        if self._host is not None:
            await self._host.close()
        if self._setup is not None:
            await self._setup.close()


def _unheard(event: "Event") -> None:
    """Nobody listens before `open`."""
