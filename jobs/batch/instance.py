"""One instance from its row to its patch: tried again when the infrastructure fails, continued when it was cut off."""

import asyncio
import contextlib
import logging
import secrets
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, cast

from agent.client import ModelClient
from agent.errors import AgentError
from agent.events import Event, EventSink, StepStarted
from agent.instructions import instructions_of
from agent.json_types import as_count, as_text
from agent.log import SessionLog
from agent.opening import Parts
from agent.settings import Settings
from jobs.batch.classify import classify
from jobs.batch.figures import Figures, figures_of
from jobs.batch.place import Opener, Place
from jobs.batch.prompt import task_of
from jobs.batch.rows import Instance
from jobs.batch.spent import continued
from jobs.batch.store import ExitStatus, InstanceFolder, Status, replace_file
from jobs.batch.trajectory import trajectory
from sandboxes.errors import SandboxError, WorkspaceError
from tools.registry import toolset

if TYPE_CHECKING:
    from agent.session import Outcome

_logger = logging.getLogger(__name__)
# What ends one instance and not the batch: endpoint and engine, sandbox, and the disk below the log.
_FAILURES = (AgentError, SandboxError, OSError, sqlite3.Error)
_EXITS: dict[str, ExitStatus] = {"done": "submitted", "limit": "limit"}

Clients = Callable[[EventSink], ModelClient]
OnStep = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class Ways:
    """How every instance of a batch is run.

    `retries` are further tries after the infrastructure failed, with `pause_s` seconds before the first and twice as
    many before each next. `on_step` gets instance id and step. `agents_md` says whether the model gets the repository's
    AGENTS.md, as it does in the terminal.
    """

    settings: Settings
    clients: Clients
    places: Opener
    on_step: OnStep = lambda instance_id, step: None
    retries: int = 2
    pause_s: float = 5.0
    agents_md: bool = True


@dataclass(frozen=True, slots=True)
class _Attempt:
    """How one try ended; `error` only when a failure ended it."""

    status: ExitStatus
    detail: str
    steps: int
    patch: bytes = b""
    figures: Figures = field(default_factory=Figures)
    error: BaseException | None = None
    setup_s: float = 0.0


async def run_instance(instance: Instance, folder: InstanceFolder, ways: Ways) -> Status:
    """Run to the end, or go on where a killed run stood; returns what was recorded. Cancellation leaves it resumable.

    What fails of the endpoint, the sandbox or the machine becomes its status. A fault of ours is raised.
    """
    known = folder.status()
    going_on = known if known is not None and known.exit_status == "running" else None
    status = continued(going_on, folder) if going_on else new_status(instance)
    retried = 0
    while True:
        attempt, status = await _timed_try(instance, folder, ways, status)
        verdict = classify(attempt.error) if attempt.error else None
        if verdict is None or not verdict.retry or retried >= ways.retries:
            break
        _logger.warning("%s: attempt %d failed: %s", instance.instance_id, status.attempts, attempt.error)
        folder.set_aside()
        status = _next_try(instance, status, ways.pause_s * 2**retried)
        folder.record(status)
        await asyncio.sleep(ways.pause_s * 2**retried)
        retried += 1
    ended = status.model_copy(
        update={
            "exit_status": attempt.status,
            "detail": attempt.detail,
            "steps": attempt.steps,
            "patch_bytes": len(attempt.patch),
            "figures": attempt.figures,
        }
    )
    folder.finish(ended, attempt.patch)
    return ended


async def _timed_try(instance: Instance, folder: InstanceFolder, ways: Ways, status: Status) -> tuple[_Attempt, Status]:
    """One try, and the status with its seconds."""
    began = time.monotonic()
    status = status.model_copy(update={"began_at": time.time(), "seed": ways.settings.endpoint.seed})
    folder.record(status)
    try:
        attempt = await _try(instance, folder, ways, status)
    except asyncio.CancelledError:
        folder.record(continued(folder.status() or status, folder))
        raise
    status = folder.status() or status
    spent_s = {
        "seconds": round(status.seconds + time.monotonic() - began, 3),
        "setup_s": round(status.setup_s + attempt.setup_s, 3),
        "began_at": 0.0,
    }
    return attempt, status.model_copy(update=spent_s)


def _next_try(instance: Instance, ended: Status, pause_s: float) -> Status:
    """The status of the try after one that the infrastructure ended; what that one took is lost time."""
    paused_s, seconds = round(ended.paused_s + pause_s, 3), round(ended.seconds + pause_s, 3)
    return new_status(instance, ended.attempts + 1).model_copy(
        update={"seconds": seconds, "paused_s": paused_s, "lost_s": round(seconds - paused_s, 3)}
    )


def session_prefix(instance_id: str) -> str:
    """What the ids of all sessions on an instance begin with."""
    return f"batch-{instance_id}-"


def new_status(instance: Instance, attempts: int = 1) -> Status:
    """The status of a run that begins."""
    # Containers are found again by the session's id, which two runs of one instance must not share.
    session_id = session_prefix(instance.instance_id) + secrets.token_hex(4)
    return Status(instance_id=instance.instance_id, exit_status="running", session_id=session_id, attempts=attempts)


async def _try(instance: Instance, folder: InstanceFolder, ways: Ways, status: Status) -> _Attempt:
    failures: list[Exception] = []
    try:
        return await _attempt(instance, folder, ways, status)
    except* _FAILURES as group:
        # Snapshots run beside the turn: what fails in both comes as a group.
        _logger.warning("%s: the run broke", instance.instance_id, exc_info=group)
        failures.append(first_error(group))
    return _failed(failures[0], 0)


def first_error(error: BaseException) -> Exception:
    """The first error of a group, itself no group; an error alone is its own first."""
    while isinstance(error, BaseExceptionGroup):
        error = cast("BaseExceptionGroup[BaseException]", error).exceptions[0]  # pyright: ignore[reportUnnecessaryCast]  # it is of unknown parameters
    return cast("Exception", error)


async def _attempt(instance: Instance, folder: InstanceFolder, ways: Ways, status: Status) -> _Attempt:
    began = time.monotonic()
    place, fresh = await _place(instance, folder, ways, status)
    setup_s = time.monotonic() - began
    try:
        log = SessionLog.open(folder.log, create=True)
        try:
            if fresh:
                log.update_meta(id=status.session_id, image=instance.container_image, base_commit=instance.base_commit)
            folder.record(_in_place(status, instance, place))
            attempt = await _converse(instance, log, place, ways)
            replace_file(folder.trajectory, trajectory(instance.instance_id, log).encode("utf-8", "replace"))
            return replace(attempt, setup_s=setup_s)
        finally:
            log.close()
    finally:
        await asyncio.shield(_closed(place, instance))


def _in_place(status: Status, instance: Instance, place: Place) -> Status:
    """The status with the image that the place was really made from."""
    used = place.image
    told = {"image_id": used.image_id, "image_digests": used.digests} if used else {}
    return status.model_copy(update={"image": instance.container_image, **told})


async def _place(instance: Instance, folder: InstanceFolder, ways: Ways, status: Status) -> tuple[Place, bool]:
    """The place, and whether the session in it begins."""
    if folder.log.is_file():
        try:
            return await ways.places.again(instance, status.session_id, folder.session), False
        except WorkspaceError as error:
            # Killed before its first snapshot was complete: there is nothing to go on with.
            _logger.warning("%s starts anew: %s", instance.instance_id, error)
    folder.clear()
    return await ways.places.fresh(instance, status.session_id, folder.session), True


async def _closed(place: Place, instance: Instance) -> None:
    try:
        await place.close()
    except SandboxError:
        _logger.exception("%s: its sandbox was not removed", instance.instance_id)


async def _converse(instance: Instance, log: SessionLog, place: Place, ways: Ways) -> _Attempt:
    from agent.session import open_session

    def emit(event: Event) -> None:
        if isinstance(event, StepStarted):
            ways.on_step(instance.instance_id, event.step)

    def say(sentence: str) -> None:
        _logger.warning("%s: %s", instance.instance_id, sentence)

    client = ways.clients(emit)
    try:
        instructions = await instructions_of(place.sandbox, say) if ways.agents_md else ""
        parts = Parts(place.sandbox, toolset(person=False), client, place.workspace, emit, instructions)
        session = open_session(log, ways.settings, parts)
        if log.last("user") is None:
            outcome = await session.run(task_of(instance, place.sandbox.workdir))
        else:
            outcome = _ended(log) or await session.resume()
    except asyncio.CancelledError:
        # Snapshots of the newest edits may have been under way; without them a resume would lack these.
        await asyncio.shield(_kept(place))
        raise
    finally:
        await client.close()
    patch, problem = await _patch(place)
    error = outcome.error or problem
    if error is not None:
        return replace(_failed(error, outcome.steps), patch=patch, figures=figures_of(log))
    status = _EXITS.get(outcome.status, "failed")
    return _Attempt(status, outcome.summary, outcome.steps, patch, figures_of(log))


def _ended(log: SessionLog) -> "Outcome | None":
    """The outcome of a turn that was over when its process was killed, with only its status not yet written."""
    from agent.session import Outcome

    newest = log.last_standing("user", "end")
    status = as_text(newest.data.get("status")) if newest is not None and newest.kind == "end" else ""
    if newest is None or status not in ("done", "limit"):
        return None
    steps = as_count(newest.data.get("steps")) or newest.step
    return Outcome("done" if status == "done" else "limit", as_text(newest.data.get("summary")), steps)


async def _kept(place: Place) -> None:
    with contextlib.suppress(SandboxError):
        await place.workspace.snapshot("interrupted")


async def _patch(place: Place) -> tuple[bytes, SandboxError | None]:
    """The working tree as it is, also after a limit or an error; of a dead sandbox, that of the last snapshot."""
    try:
        return await place.workspace.patch(), None
    except SandboxError as error:
        head = place.workspace.tracker.head
        return await place.workspace.patch(until=head.commit), error


def _failed(error: Exception, steps: int) -> _Attempt:
    status: ExitStatus = "infra" if classify(error).blame == "infra" else "failed"
    told = str(error) if isinstance(error, AgentError | SandboxError) else f"{type(error).__name__}: {error}"
    return _Attempt(status, told, steps, error=error)
