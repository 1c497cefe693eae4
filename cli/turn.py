"""One turn from the command line: launch everything side by side, run, and turn the outcome into a result."""

import asyncio
import gc
import signal
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from agent.events import Notice
from agent.instructions import instructions_of
from agent.json_types import as_text
from agent.log import SessionLog
from agent.pictures import Picture
from agent.settings import Settings
from agent.thinking import Policy
from cli import exit_codes
from cli.asking import Person
from cli.config import Config
from cli.errors import CommandError, UsageError
from cli.launching import load_client, load_engine, look_at, settings_of
from cli.lock import session_lock
from cli.output import Output, TurnResult, fault_counts, turn_figures
from cli.pair.permits import unattended
from cli.paths import session_dir
from cli.place import Place, PlaceSpec, open_place, reopen_place
from cli.pulse import watched_client
from cli.server_use import server_use
from cli.sessions.compactions import compaction_figures
from sandboxes.errors import SandboxError
from serving.probe import ServerInfo
from serving.view import ServerView

if TYPE_CHECKING:
    from agent.engine import Engine
    from agent.session import Outcome, Session

# A closed terminal (SIGHUP) ends the turn as Ctrl-C does: the container goes, the session stays.
_ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True, slots=True)
class Launch:
    """What to run: `task` None goes on with the interrupted request; `fresh` makes a new session.

    `given` are variables for the sandbox with their values, which nothing may write down.
    `thinking` is the policy of this turn alone, None for the configured one.
    `person` answers the model's questions; a new session without one never offers to ask.
    """

    config: Config
    place: PlaceSpec
    session_id: str
    task: str | None
    fresh: bool
    output: Output
    patch_out: Path | None = None
    apply: bool = False
    given: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    thinking: Policy | None = None
    person: Person | None = None
    pictures: tuple[Picture, ...] = ()


def run_turn(launch: Launch) -> int:
    """Run one turn to its end; returns the exit code. Ctrl-C ends the model call or tool at once."""
    check_patch_out(launch.patch_out)
    try:
        with session_lock(session_dir(launch.session_id)):
            return asyncio.run(_Turn(launch).run())
    except CommandError as error:
        launch.output.failed_to_start(launch.session_id, str(error), error.exit_code)
        raise


def check_patch_out(path: Path | None) -> None:
    """Raises `UsageError` when the patch could not be written at the end."""
    if path is not None and str(path) == "-":
        raise UsageError("--patch-out -: standard output has the patch anyway; leave this out, or name a file.")
    if path is not None and (path.is_dir() or not path.absolute().parent.is_dir()):
        raise UsageError(f"--patch-out {path}: this is a directory, or its directory does not exist.")


class _Turn:
    def __init__(self, launch: Launch) -> None:
        self._launch = launch
        self._directory = session_dir(launch.session_id)
        self._started = time.monotonic()
        self._session: Session | None = None
        self._interrupted = False
        self._main: asyncio.Task[int] | None = None

    async def run(self) -> int:
        loop = asyncio.get_running_loop()
        self._launch.output.begin("starting the sandbox")
        self._main = asyncio.current_task()  # pyright: ignore[reportAttributeAccessIssue]  # this very coroutine
        for number in _ENDING_SIGNALS:
            loop.add_signal_handler(number, self._interrupt)
        try:
            return await self._run()
        except asyncio.CancelledError:
            raise CommandError("Interrupted before the task began.", exit_codes.INTERRUPTED) from None
        except SandboxError as error:
            # A terminal sends Ctrl-C to git and the like as well, and what they leave is no fault of theirs.
            code = exit_codes.INTERRUPTED if self._interrupted else exit_codes.SANDBOX
            raise CommandError("Interrupted." if self._interrupted else str(error), code) from error
        finally:
            self._launch.output.end()
            for number in _ENDING_SIGNALS:
                loop.remove_signal_handler(number)

    def _interrupt(self) -> None:
        """End the running step or the open question if there is one, else the launch."""
        self._interrupted = True
        if self._launch.person is not None and self._launch.person.cancel():
            return
        if self._session is not None:
            self._session.cancel()
        elif self._main is not None:
            self._main.cancel()

    def _say(self, sentence: str) -> None:
        self._launch.output.sink(Notice(sentence))

    async def _run(self) -> int:
        launch = self._launch
        # Importing makes many objects and no garbage: the collector would only scan them, a fifth of the launch.
        gc.disable()
        engine = asyncio.create_task(asyncio.to_thread(load_client))
        server = asyncio.create_task(asyncio.to_thread(look_at, launch.config))
        opening = asyncio.create_task(self._open())
        try:
            info = await server
            place = await opening
            await engine
        except BaseException:
            opening.cancel()
            await asyncio.gather(engine, server, opening, return_exceptions=True)
            if opening.done() and not opening.cancelled() and opening.exception() is None:
                await opening.result().close()
            raise
        try:
            return await self._work(info, place)
        finally:
            await asyncio.shield(place.close())

    async def _open(self) -> Place:
        launch = self._launch
        if launch.place.workspace == "bind":
            self._say(f"Edits are made in the tree itself: {launch.place.repo}")
        opener = open_place if launch.fresh else reopen_place
        return await opener(launch.place, launch.session_id, self._directory, self._say, launch.given)

    async def _work(self, info: ServerInfo, place: Place) -> int:
        launch = self._launch
        settings = settings_of(launch.config, info)
        with ExitStack() as stack:
            log = SessionLog.open(self._directory / "log.sqlite", create=launch.fresh)
            stack.callback(log.close)
            endpoint = settings.endpoint
            meta = {"id": launch.session_id, "base_url": endpoint.base_url, "model": endpoint.model}
            log.update_meta(**meta, server=endpoint.version, **asdict(launch.place))
            newest = log.newest()
            outcome = await self._converse(settings, place, log)
            patch = await place.workspace.patch()
            result = self._result(outcome, patch, log, newest)
            return await self._deliver(result, patch, place, log)

    async def _converse(self, settings: Settings, place: Place, log: SessionLog) -> "Outcome":
        from agent.errors import SessionError
        from agent.head_start import HeadStart
        from agent.opening import Parts, expected_request, open_engine
        from tools.registry import toolset

        # The tools are part of the prompt, so a session keeps those that it began with.
        person = self._launch.person is not None if self._launch.fresh else bool(log.meta().get("person"))
        log.update_meta(person=person)
        instructions = await instructions_of(place.sandbox, self._say)
        view = ServerView(settings.endpoint.base_url, settings.endpoint.api_key)
        client = HeadStart(watched_client(settings, view, self._launch.output.sink))
        parts = Parts(
            sandbox=place.sandbox,
            tools=toolset(person=person),
            client=client,
            snapshots=place.workspace,
            emit=self._launch.output.sink,
            instructions=instructions,
            permissions=unattended(self._launch.place, place),
        )
        task, policy, pictures = self._launch.task, self._launch.thinking, self._launch.pictures
        try:
            engine = open_engine(log, settings, parts)
            if task is not None and self._launch.fresh and (first := expected_request(engine, task, policy, pictures)):
                client.begin(first)
            session = self._session = await _machine_over(engine)
            outcome = await (session.resume(policy) if task is None else session.run(task, policy, pictures))
            return await self._ask(session, outcome)
        except SessionError as error:
            raise CommandError(str(error), exit_codes.USAGE) from error
        finally:
            self._session = None
            await client.close()
            await view.close()

    async def _ask(self, session: "Session", outcome: "Outcome") -> "Outcome":
        """Put the model's questions to the person until the turn is over; without a person it stays as it is."""
        person = self._launch.person
        while outcome.question is not None and person is not None:
            said = await person.answer(outcome.question.options)
            if said is None:
                return replace(
                    outcome, status="cancelled", summary="Interrupted at a question; a resume asks it again."
                )
            outcome = await session.answer(said)
        return outcome

    def _result(self, outcome: "Outcome", patch: bytes, log: SessionLog, newest: int) -> TurnResult:
        usage, thinking = turn_figures(log, newest)
        return TurnResult(
            status=outcome.status,
            exit_code=exit_code(outcome),
            session_id=self._launch.session_id,
            summary=outcome.summary,
            patch=patch.decode("utf-8", "surrogateescape"),
            steps=outcome.steps,
            usage=usage,
            thinking=thinking,
            faults=fault_counts(log, newest),
            compactions=compaction_figures(log, newest),
            duration_s=round(time.monotonic() - self._started, 3),
            log_path=str(log.path),
            server=server_use(log, newest),
        )

    async def _deliver(self, result: TurnResult, patch: bytes, place: Place, log: SessionLog) -> int:
        """Write the patch where it is wanted, then print the result: what is printed has happened."""
        launch = self._launch
        if launch.patch_out is not None:
            launch.patch_out.write_bytes(patch)
        if launch.apply and patch and result.status == "done":
            # A follow-up applies only what is new: the user's tree has the rest already.
            applied = as_text(log.meta().get("applied")) or None
            if problem := await self._apply(await place.workspace.patch(applied)):
                result = replace(result, status="failed", exit_code=exit_codes.FAILED, summary=problem)
            else:
                log.update_meta(applied=await place.workspace.snapshot("applied"))
        launch.output.result(result)
        return result.exit_code

    async def _apply(self, patch: bytes) -> str:
        """Apply to the user's tree, all or nothing; returns "" or the sentence that says why not."""
        from sandboxes.tree.apply import apply_patch

        repo = self._launch.place.host_repo()
        if repo is None or self._launch.place.workspace == "bind":
            return ""
        outcome = await apply_patch(repo, patch)
        if outcome.applied:
            count = "1 file" if len(outcome.paths) == 1 else f"{len(outcome.paths)} files"
            self._say(f"Applied to {count} in {repo}.")
            return ""
        problem = (
            f"The task is done, but its patch was not applied to {repo}: {'; '.join(outcome.problems).rstrip('.')}."
        )
        self._say(problem)
        return f"{problem} `qwright sessions export {self._launch.session_id} --format patch` prints it."


async def _machine_over(engine: "Engine") -> "Session":
    await asyncio.to_thread(load_engine)
    from agent.session import session_over

    gc.freeze()
    gc.enable()
    return session_over(engine)


def exit_code(outcome: "Outcome") -> int:
    """The documented exit code of an outcome."""
    from agent.errors import EndpointBusy, EndpointError, EndpointUnreachable, StreamBroken

    match outcome.error:
        case EndpointBusy() | EndpointUnreachable() | StreamBroken():
            return exit_codes.TRY_AGAIN
        case EndpointError():
            return exit_codes.ENDPOINT
        case SandboxError():
            return exit_codes.SANDBOX
        case _:
            pass
    by_status = {"done": exit_codes.DONE, "limit": exit_codes.LIMIT, "cancelled": exit_codes.INTERRUPTED}
    return by_status.get(outcome.status, exit_codes.FAILED)
