"""The part of `qwright triage` that runs things: sandboxes, limits, and the model if there is one."""

import asyncio
import secrets
import signal
import sys
import tempfile
from argparse import Namespace
from collections.abc import Coroutine
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from agent.events import Event, Notice
from agent.settings import TurnLimits
from cli import exit_codes
from cli.attached import attached
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
from jobs.triage.inquiry.notes import UNASKED
from jobs.triage.inquiry.trial import Effort
from jobs.triage.untrusted import one_line
from jobs.triage.verdict import Verdict
from serving.view import ServerView

Result = TypeVar("Result")
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

    async def work() -> Verdict:
        inquirer = Inquirer.of(options)
        try:
            return await inquirer.verdict(verdict, findings, owners, issue_text(options.issue))
        finally:
            await inquirer.close()

    return asyncio.run(until_signal(work()))


@dataclass(frozen=True, slots=True)
class Inquirer:
    """What all inquiries of a call share. Without an adviser `why` says why no model is asked, "" if none is wanted."""

    options: Namespace
    config: Config
    adviser: Adviser | None
    view: ServerView | None
    why: str

    @classmethod
    def of(cls, options: Namespace) -> "Inquirer":
        """From the command line. A server that cannot be used is told, and done without."""
        check_repository(options.repo)
        config = config_of(options)
        if options.no_model:
            return cls(options, config, None, None, "")
        try:
            adviser, view = adviser_of(config)
        except CommandError as error:
            say(f"The model is not asked: {error}")
            return cls(options, config, None, None, one_line(f"{UNASKED}: {error}", 800))
        return cls(options, config, adviser, view, "")

    async def close(self) -> None:
        """End what is connected to the server."""
        if self.view is not None:
            await self.view.close()

    async def verdict(self, verdict: Verdict, findings: Findings, owners: CodeOwners, issue: str) -> Verdict:
        """The verdict of one case after its inquiry, with a budget of its own."""
        options, config = self.options, self.config
        spec = replace(PlaceSpec.from_config(config, options.repo), depth=HISTORY)
        run = secrets.token_hex(6)
        if self.why:
            verdict = verdict.model_copy(update={"notes": [*verdict.notes, self.why]})
        with tempfile.TemporaryDirectory(prefix="qwright-triage-") as folder:

            async def opener(name: str) -> Place:
                return await open_place(
                    spec, f"triage-{run}-{name}", Path(folder) / f"{name}-{secrets.token_hex(3)}", say
                )

            wishes = Wishes(
                effort=Effort(
                    options.runs or RUNS, Budget(config.max_seconds or SECONDS), float(config.command_timeout)
                ),
                store=state_dir() / "triage" / run,
                command=options.shown_by or "",
                good=options.good or findings.good,
                issue=issue,
                pictures=attached(options.attach or (), Path.cwd()),
                fix=options.fix,
                say=say,
            )
            return await inquire(verdict, findings.deciding(), opener, wishes, self.adviser, owners)


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


async def until_signal(work: Coroutine[object, object, Result]) -> Result:
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
