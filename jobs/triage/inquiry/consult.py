"""The model's part: a session of the engine in the sandbox, then the form that it fills in."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, replace
from pathlib import Path

from agent.client import ModelClient
from agent.errors import AgentError
from agent.events import EventSink
from agent.log import SessionLog
from agent.opening import Parts
from agent.settings import Settings
from jobs.triage.inquiry.budget import Budget
from jobs.triage.inquiry.case import AGAIN, ASK, Facts, task_of
from jobs.triage.inquiry.notes import UNASKED
from jobs.triage.inquiry.opinion import NoOpinionError, Opinion, parsed, schema
from jobs.triage.inquiry.place import Place
from jobs.triage.verdict import Category
from sandboxes.errors import SandboxError
from tools.registry import toolset

FORM_TOKENS = 3000
# Of what is left, for looking into it; the rest is for the form and for trying a repair.
LOOKING_SHARE = 0.7
_FORM_SECONDS = 300.0
_TRIES = 2


@dataclass(frozen=True, slots=True)
class Adviser:
    """How a model is asked: settings of the engine, and what makes its client. Events go to `emit`."""

    settings: Settings
    clients: Callable[[EventSink], ModelClient]
    emit: EventSink


@dataclass(frozen=True, slots=True)
class Advice:
    """What came of it: the opinion, if there is one, the model's change, and sentences on what went wrong."""

    opinion: Opinion | None
    patch: bytes = b""
    notes: tuple[str, ...] = ()


async def consult(
    place: Place,
    facts: Facts,
    adviser: Adviser,
    log_path: Path,
    budget: Budget,
    allowed: Collection[Category],
    *,
    repair: bool,
) -> Advice:
    """Let the model look, then fill in the form. A server that fails or limits that are reached become notes."""
    from agent.session import open_session

    left = budget.left_s()
    seconds = adviser.settings.limits.seconds or float("inf")
    looking = min(seconds, left * LOOKING_SHARE)
    limits = replace(adviser.settings.limits, seconds=0.0 if looking == float("inf") else looking)
    patience = min(adviser.settings.server_wait_s, looking)
    settings = replace(adviser.settings, limits=limits, server_wait_s=patience, expects_changes=repair)
    log = SessionLog.open(log_path, create=True)
    log.update_meta(id=log_path.parent.name)
    client = adviser.clients(adviser.emit)
    try:
        session = open_session(
            log, settings, Parts(place.sandbox, toolset(person=False), client, place.workspace, adviser.emit)
        )
        outcome = await session.run(task_of(facts, place.sandbox.workdir, repair=repair), pictures=facts.pictures)
        if isinstance(outcome.error, SandboxError):
            return Advice(None, notes=(f"The sandbox failed while the model looked: {outcome.error}",))
        if outcome.error is not None:
            return Advice(None, notes=(f"{UNASKED}: {outcome.error}",))
        notes = (f"The model's search was cut short: {outcome.summary}",) if outcome.status != "done" else ()
        patch = await place.workspace.patch()
        form = schema(allowed, facts.commits)

        async def ask(text: str) -> str:
            async with asyncio.timeout(min(_FORM_SECONDS, budget.left_s())):
                return await session.filled_in(text, form, FORM_TOKENS)

        return await _filled(ask, patch, notes)
    finally:
        await client.close()
        log.close()


async def _filled(ask: Callable[[str], Awaitable[str]], patch: bytes, notes: tuple[str, ...]) -> Advice:
    problem = ""
    for _ in range(_TRIES):
        try:
            return Advice(parsed(await ask(ASK + (AGAIN.format(problem=problem) if problem else ""))), patch, notes)
        except NoOpinionError as error:
            problem = str(error)
        except TimeoutError:
            return Advice(None, patch, (*notes, "Time ran out before the model had filled in its findings."))
        except AgentError as error:
            return Advice(None, patch, (*notes, f"The model did not fill in its findings: {error}"))
    return Advice(None, patch, (*notes, f"The model's findings cannot be used: {problem}."))
