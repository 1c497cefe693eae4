"""`qwright triage --each`: a folder of cases or a backlog of issues."""

import asyncio
from argparse import Namespace
from pathlib import Path

from cli import exit_codes
from cli.errors import UsageError
from cli.lock import session_lock
from cli.triage.inquiry import Inquirer, config_of, say, until_signal
from cli.triage.setup import setup_of
from jobs.batch.engine import machine_room
from jobs.batch.memory import room_in_memory
from jobs.batch.workers import ByLoad, Fixed, Room
from jobs.triage.codeowners import read_owners
from jobs.triage.each.cases import Case, CasesError, load_cases
from jobs.triage.each.run import Backlog
from jobs.triage.findings import Findings
from jobs.triage.judge import verdict_of
from jobs.triage.places import Places
from jobs.triage.verdict import Verdict


def execute(options: Namespace, repo: Path | None, *, runs: bool) -> int:
    """Exit code 0 when every case has a verdict, 1 when some have none."""
    if options.out is None:
        raise UsageError("--each needs --out DIR, where the verdicts go and from which the same call goes on.")
    try:
        cases = load_cases(Path(options.each))
    except CasesError as error:
        raise UsageError(str(error)) from error
    except OSError as error:
        raise UsageError(f"--each {options.each} cannot be read: {error.strerror}.") from error
    options.out.mkdir(parents=True, exist_ok=True)
    setup = setup_of(options, config_of(options) if runs else None)
    with session_lock(options.out):
        backlog = Backlog(cases, options.out, setup, say)
        left = asyncio.run(until_signal(_run(options, backlog, repo, runs=runs)))
    say(f"{len(cases) - len(left)} of {len(cases)} cases have a verdict; see {options.out / 'index.md'}.")
    return exit_codes.FAILED if left else exit_codes.DONE


async def _run(options: Namespace, backlog: Backlog, repo: Path | None, *, runs: bool) -> list[Case]:
    todo = len(backlog.to_do())
    if todo < len(backlog.cases):
        say(f"{len(backlog.cases) - todo} of {len(backlog.cases)} cases are done already.")
    owners = read_owners(repo, options.owners)
    inquirer = Inquirer.of(options) if runs and todo else None
    room: Room = Fixed(1 if options.workers == "auto" else options.workers)
    if options.workers == "auto" and inquirer is not None and inquirer.view is not None:
        room = ByLoad(inquirer.view.snapshot, machine_room(), memory=room_in_memory)

    async def judge(case: Case, findings: Findings) -> Verdict:
        verdict = verdict_of(findings, Places(repo), owners)
        return await inquirer.verdict(verdict, findings, owners, case.issue) if inquirer else verdict

    try:
        return await backlog.run(judge, room)
    finally:
        if inquirer is not None:
            await inquirer.close()
