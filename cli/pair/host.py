"""The session behind the screen: server, sandbox, log and engine, opened side by side while the app already shows."""

import asyncio
import gc
import logging
import shutil
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

from agent.approvals import Answer
from agent.events import Event, EventSink, Notice
from agent.history import history
from agent.instructions import instructions_of
from agent.log import SessionLog
from agent.permissions.modes import Mode, Scope
from agent.permissions.rules import Rule
from agent.settings import Settings
from agent.thinking import Policy
from cli.attached import attached
from cli.config import Config
from cli.errors import CommandError
from cli.launching import load_engine, look_at, settings_of
from cli.lock import session_lock
from cli.pair.clipboard import clipboard_picture
from cli.pair.custom_files import projects_commands, users_commands
from cli.pair.figures import SessionFigures
from cli.pair.past import PastRequests
from cli.pair.permits import forget_rule, permissions_for, rules_of
from cli.pair.project import PairProject, checks_for
from cli.pair.settings import keep_setting
from cli.pair.shell import PersonsShell
from cli.pair.spec import PairSpec
from cli.pair.timeline import Timeline
from cli.pair.troubles import translated, trouble_of
from cli.paths import new_session_id, session_dir
from cli.place import Place, open_place, reopen_place
from cli.pulse import watched_client
from sandboxes.errors import SandboxError
from serving.view import ServerView
from tui.commands.custom import CustomCommand
from tui.host import HostFailed, Trouble
from tui.model.attachments import Ran, with_runs
from tui.opened import Opened

if TYPE_CHECKING:
    from agent.session import Outcome, Session

_logger = logging.getLogger(__name__)


class PairHost:
    """Implements `tui.host.Host`."""

    def __init__(self, spec: PairSpec) -> None:
        self._spec = spec
        self._stack = AsyncExitStack()
        self._session: Session | None = None
        self._log: SessionLog | None = None
        self._timeline = Timeline(self)
        self.turn = asyncio.Lock()
        self._known = Opened("", "", 0, "", "")
        self._place: Place | None = None
        self._past = PastRequests(spec.place.repo)
        self._sink: EventSink = _unheard
        self._shell = PersonsShell()
        self._mode: Mode = "auto"

    @property
    def title(self) -> str:
        """The repository's folder name."""
        return Path(self._spec.place.repo).name or self._spec.place.repo

    @property
    def project(self) -> PairProject:
        """See `Host.project`."""
        return PairProject(self)

    @property
    def past(self) -> Timeline:
        """See `Host.past`."""
        return self._timeline

    @property
    def place(self) -> Place:
        """Where the session works; raises `HostFailed` before it is open."""
        if self._place is None:
            raise HostFailed("The session is not open yet; wait for it, or try /reopen.", "usage")
        return self._place

    @property
    def log(self) -> SessionLog:
        """The open session's log; raises `HostFailed` before it is open."""
        if self._log is None:
            raise HostFailed("The session is not open yet; wait for it, or try /reopen.", "usage")
        return self._log

    @property
    def spec(self) -> PairSpec:
        """What is open, or will be."""
        return self._spec

    async def open(self, sink: EventSink) -> Opened:
        """See `Host.open`."""
        self._sink = sink
        return await self._try()

    async def _try(self) -> Opened:
        """Open, and leave nothing behind where that fails."""
        try:
            return await translated(self._open(self._sink))
        except HostFailed as failed:
            await self._close()
            if failed.trouble == "endpoint" and self._spec.config.base_url == Config.model_fields["base_url"].default:
                raise HostFailed(str(failed), "not_set_up") from failed
            raise
        except BaseException:
            await self._close()
            raise

    @property
    def figures(self) -> SessionFigures:
        """See `Host.figures`."""
        return SessionFigures(self)

    @property
    def kept(self) -> str:
        """See `Host.kept`."""
        used = self._log is not None and self._log.last("user") is not None
        return self._spec.session_id if used or not self._spec.fresh else ""

    def trouble(self, outcome: "Outcome") -> Trouble | None:
        """See `Host.trouble`."""
        return trouble_of(outcome.error) if outcome.error is not None else None

    async def _open(self, sink: EventSink) -> Opened:
        spec = self._spec
        self._stack.enter_context(session_lock(session_dir(spec.session_id)))
        settings, place = await self._launch(sink)
        self._place = place
        log = self._log = SessionLog.open(session_dir(spec.session_id) / "log.sqlite", create=spec.fresh)
        self._stack.callback(log.close)
        endpoint = settings.endpoint
        meta = {"id": spec.session_id, "base_url": endpoint.base_url, "model": endpoint.model}
        log.update_meta(**meta, server=endpoint.version, person=True, **asdict(spec.place))
        self._session = await self._session_over(log, settings, place, sink)
        await self._check_context(endpoint.context_tokens)
        self._known = Opened(
            session_id=spec.session_id,
            model=endpoint.model,
            context_tokens=endpoint.context_tokens,
            sandbox=place.sandbox.description,
            thinking=settings.thinking,
        )
        return self.reopened()

    async def _check_context(self, tokens: int) -> None:
        """Raises `HostFailed` where no request could ever be answered; tells a person where it is tight."""
        from serving.doctor.model import LEAST_TOKENS

        if self.kept or not 0 < tokens < LEAST_TOKENS:
            return
        if not await self.session.fits():
            raise HostFailed(
                f"The server's context of {tokens:,} tokens is filled by the instructions and tools alone. Serve the "
                f"model with --max-model-len {LEAST_TOKENS} or more (`qwright fit` says what the GPUs hold).",
                "context",
            )
        self._sink(
            Notice(f"The server's context of {tokens:,} tokens is short: sessions go on by leaving out old results.")
        )

    def reopened(self) -> Opened:
        """The open session as it is now."""
        unfinished = self.session.unfinished
        return replace(self._known, history=tuple(history(self.log)), unfinished=unfinished)

    async def _launch(self, sink: EventSink) -> tuple[Settings, Place]:
        """Engine, server and sandbox side by side; what was started is ended again when one of them fails."""
        spec = self._spec
        opener = open_place if spec.fresh else reopen_place
        gc.disable()
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(asyncio.to_thread(load_engine))
                server = tasks.create_task(asyncio.to_thread(lambda: settings_of(spec.config, look_at(spec.config))))
                directory = session_dir(spec.session_id)
                # A face offers to build an image that is missing, and shows how far that is.
                opening = tasks.create_task(
                    opener(spec.place, spec.session_id, directory, lambda s: sink(Notice(s)), build=False)
                )
                opening.add_done_callback(self._close_at_end)
        except* (CommandError, SandboxError, OSError) as failed:
            raise failed.exceptions[0] from failed.exceptions[0].__cause__
        finally:
            gc.enable()
        return replace(server.result(), person=True, expects_changes=False), opening.result()

    def _close_at_end(self, opening: "asyncio.Task[Place]") -> None:
        if not opening.cancelled() and opening.exception() is None:
            self._stack.push_async_callback(opening.result().close)

    async def _session_over(self, log: SessionLog, settings: Settings, place: Place, sink: EventSink) -> "Session":
        from agent.opening import Parts
        from agent.session import open_session
        from tools.registry import toolset

        view = ServerView(settings.endpoint.base_url, settings.endpoint.api_key)
        self._stack.push_async_callback(view.close)
        client = watched_client(settings, view, sink)
        self._stack.push_async_callback(client.close)
        parts = Parts(
            sandbox=place.sandbox,
            tools=toolset(person=True),
            client=client,
            snapshots=place.workspace,
            shared=self._spec.place.workspace == "bind",
            emit=sink,
            permissions=permissions_for(self._spec.place, place, log, self._mode),
            checks=checks_for(self._spec.config, log),
            instructions=await instructions_of(place.sandbox, lambda sentence: sink(Notice(sentence))),
        )
        return open_session(log, settings, parts)

    async def run(self, text: str, thinking: Policy | None = None, pictures: Sequence[str] = ()) -> "Outcome":
        """See `Host.run`."""
        async with self.turn:
            return await translated(self._run(text, thinking, pictures))

    async def _run(self, text: str, thinking: Policy | None, pictures: Sequence[str]) -> "Outcome":
        shown = await asyncio.to_thread(attached, pictures, self.spec.place.host_repo() or Path.cwd())
        return await self.session.run(with_runs(text, self._shell.taken()), thinking, shown)

    async def clipboard_picture(self) -> str:
        """See `Host.clipboard_picture`."""
        return await clipboard_picture(session_dir(self._spec.session_id) / "pictures")

    async def resume(self) -> "Outcome":
        """See `Host.resume`."""
        async with self.turn:
            return await translated(self.session.resume())

    async def answer(self, answer: Answer) -> "Outcome":
        """See `Host.answer`."""
        async with self.turn:
            return await translated(self.session.answer(answer))

    @property
    def mode(self) -> Mode:
        """See `Host.mode`."""
        return self._session.permissions.mode if self._session else self._mode

    def set_mode(self, mode: Mode) -> None:
        """See `Host.set_mode`. Before a session is open, it is the one to begin with."""
        self._mode = mode
        if self._session is not None:
            self._session.set_mode(mode)

    def rules(self) -> Sequence[tuple[Scope, Rule]]:
        """See `Host.rules`."""
        return rules_of(self.session.permissions)

    def forget(self, scope: Scope, rule: Rule) -> None:
        """See `Host.forget`."""
        forget_rule(self.session, self._spec.place, scope, rule)

    async def keep_setting(self, key: str, value: str) -> str:
        """See `Host.keep_setting`."""
        return await asyncio.to_thread(keep_setting, key, value)

    async def new_session(self) -> Opened:
        """See `Host.new_session`."""
        return await self.switch(replace(self._spec, session_id=new_session_id(), fresh=True))

    async def switch(self, spec: PairSpec, meanwhile: Callable[[], None] | None = None) -> Opened:
        """Leave this session and open another; `meanwhile` runs in a thread when neither is open."""
        async with self.turn:
            await self._close()
            if meanwhile is not None:
                await asyncio.to_thread(meanwhile)
            self._spec = spec
            return await self._try()

    async def compact(self, focus: str) -> str:
        """See `Host.compact`. The event tells what was left out; only that nothing was is left to say."""
        async with self.turn:
            done = await translated(self.session.compact(focus))
        return "" if done else "There is nothing to leave out yet."

    def steer(self, text: str) -> None:
        """See `Host.steer`."""
        from agent.errors import SessionError

        try:
            self.session.steer(text)
        except SessionError as error:
            raise HostFailed(str(error), "usage") from error

    async def files(self) -> Sequence[str]:
        """See `Host.files`."""
        if self._place is None:
            raise HostFailed("The files are known once the sandbox is open.", "usage")
        return await translated(self._place.workspace.paths())

    async def custom_commands(self) -> Sequence[CustomCommand]:
        """See `Host.custom_commands`."""
        own = await asyncio.to_thread(users_commands)
        return own if self._place is None else [*own, *await translated(projects_commands(self._place.sandbox))]

    async def shell(self, command: str) -> None:
        """See `Host.shell`."""
        if self._place is None:
            raise HostFailed("The sandbox is not open yet.", "usage")
        async with self.turn:
            await translated(self._shell.run(command, self._place.sandbox, self._sink))

    def ran(self, what: Ran) -> None:
        """Tell the model of this with the next request."""
        self._shell.put(what)

    async def asked_before(self) -> Sequence[str]:
        """See `Host.asked_before`."""
        return await asyncio.to_thread(self._past.read)

    async def remember(self, text: str) -> None:
        """See `Host.remember`."""
        try:
            await asyncio.to_thread(self._past.add, text)
        except OSError as error:
            self._sink(Notice(f"The request is not kept in the history: {error}."))

    def cancel(self) -> None:
        """See `Host.cancel`."""
        self._shell.cancel()
        if self._session is not None:
            self._session.cancel()

    async def close(self) -> None:
        """See `Host.close`. Waits for the turn to end; a session in which nothing was asked leaves nothing behind."""
        self.cancel()
        async with self.turn:
            await self._close()

    async def _close(self) -> None:
        kept = self.kept
        self._session = self._log = self._place = None
        stack, self._stack = self._stack, AsyncExitStack()
        try:
            await stack.aclose()
        except (SandboxError, OSError) as error:
            _logger.warning("the session could not be closed cleanly", exc_info=error)
            self._sink(Notice(f"What was open could not be closed cleanly: {error}"))
        if kept:
            # Closed again, or opened again, it is a session with a past.
            self._spec = replace(self._spec, fresh=False)
        else:
            await asyncio.to_thread(shutil.rmtree, session_dir(self._spec.session_id), ignore_errors=True)

    @property
    def session(self) -> "Session":
        """The open session; raises `HostFailed` before it is open."""
        if self._session is None:
            raise HostFailed("The session is not open yet; wait for it, or try /reopen.", "usage")
        return self._session


def _unheard(event: Event) -> None:
    """Nobody listens before `open`."""
