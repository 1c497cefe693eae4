"""The part of `qwright triage` that runs things: sandboxes, limits, and the model if there is one."""

import asyncio
import secrets
import signal
import sys
import tempfile
from argparse import Namespace
from collections.abc import Coroutine
from dataclasses import replace
from pathlib import Path

from agent.events import Event, Notice
from agent.settings import TurnLimits
from cli import exit_codes
from cli.config import Config
from cli.errors import CommandError
from cli.paths import state_dir
from cli.place import Place, PlaceSpec, open_place
from cli.printing import printable
from cli.pulse import watched_client
from cli.run import check_repository
from cli.settled import settled
from cli.turn import look_at, settings_of
from jobs.triage.codeowners import CodeOwners
from jobs.triage.findings import Findings
from jobs.triage.inquiry.budget import Budget
from jobs.triage.inquiry.consult import Adviser
from jobs.triage.inquiry.inquire import Wishes, inquire
from jobs.triage.inquiry.trial import Effort
from jobs.triage.untrusted import one_line
from jobs.triage.verdict import Verdict
from serving.view import ServerView

RUNS = 5
SECONDS = 900.0
COMMAND_SECONDS = 300
STEPS = 60
# Bisection needs the commits; a sandbox for editing does well with fewer.
HISTORY = 2000
_MOST_ISSUE = 64 * 1024
_ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def inquired(options: Namespace, verdict: Verdict, findings: Findings, owners: CodeOwners) -> Verdict:
    """The verdict after all that may be run was run. Raises `CommandError` when it was interrupted."""
    check_repository(options.repo)
    config = config_of(options)
    store = state_dir() / "triage" / f"{secrets.token_hex(6)}"
    with tempfile.TemporaryDirectory(prefix="qwright-triage-") as folder:
        work = _inquired(options, config, verdict, findings, owners, Path(folder), store)
        return asyncio.run(until_signal(work))


def config_of(options: Namespace) -> Config:
    """The configuration. What a sandbox for untrusted code may have, only flags of this call can widen."""
    config = settled(vars(options), None).values
    safe: dict[str, object] = {
        "env": (),
        "workspace": "copy",
        "network": options.network or "none",
        "sandbox": options.sandbox or "docker",
        "max_steps": options.max_steps or STEPS,
        "command_timeout": config.command_timeout or COMMAND_SECONDS,
    }
    return config.model_copy(update=safe)


async def _inquired(
    options: Namespace,
    config: Config,
    verdict: Verdict,
    findings: Findings,
    owners: CodeOwners,
    folder: Path,
    store: Path,
) -> Verdict:
    spec = replace(PlaceSpec.from_config(config, options.repo), depth=HISTORY)

    async def opener(name: str) -> Place:
        return await open_place(spec, f"triage-{store.name}-{name}", folder / f"{name}-{secrets.token_hex(3)}", say)

    effort = Effort(options.runs or RUNS, Budget(config.max_seconds or SECONDS), float(config.command_timeout))
    wishes = Wishes(
        effort=effort,
        store=store,
        command=options.shown_by or "",
        good=options.good or "",
        issue=issue_text(options.issue),
        fix=options.fix,
        say=say,
    )
    if options.no_model:
        return await inquire(verdict, findings.deciding(), opener, wishes, None, owners)
    try:
        adviser, view = adviser_of(config)
    except CommandError as error:
        say(f"The model is not asked: {error}")
        note = one_line(f"The model was not asked: {error}", 800)
        verdict = verdict.model_copy(update={"notes": [*verdict.notes, note]})
        return await inquire(verdict, findings.deciding(), opener, wishes, None, owners)
    try:
        return await inquire(verdict, findings.deciding(), opener, wishes, adviser, owners)
    finally:
        await view.close()


def adviser_of(config: Config) -> tuple[Adviser, ServerView]:
    """What asks the configured server. Raises `CommandError` when it cannot be used."""
    settings = settings_of(config, look_at(config))
    settings = replace(settings, limits=TurnLimits(config.max_steps, 0.0, config.max_tokens))
    view = ServerView(settings.endpoint.base_url, settings.endpoint.api_key)

    def tell(event: Event) -> None:
        if isinstance(event, Notice):
            say(event.text)

    return Adviser(settings, lambda emit: watched_client(settings, view, emit), tell), view


def issue_text(name: str | None) -> str:
    """The issue's text for the model, cut at 64 KiB; standard input was read before and cannot be read twice."""
    if name is None or name == "-":
        return ""
    with Path(name).open("rb") as stream:
        return stream.read(_MOST_ISSUE).decode("utf-8", "replace")


async def until_signal(work: Coroutine[object, object, Verdict]) -> Verdict:
    """Run; a signal cancels it, so that its sandboxes go. Raises `CommandError` then."""
    loop = asyncio.get_running_loop()
    task = asyncio.ensure_future(work)
    for number in _ENDING_SIGNALS:
        loop.add_signal_handler(number, task.cancel)
    try:
        return await task
    except asyncio.CancelledError:
        raise CommandError("Interrupted; its sandboxes are removed.", exit_codes.INTERRUPTED) from None
    finally:
        for number in _ENDING_SIGNALS:
            loop.remove_signal_handler(number)


def say(sentence: str) -> None:
    """A line of progress."""
    print(f"qwright: {printable(sentence)}", file=sys.stderr, flush=True)
