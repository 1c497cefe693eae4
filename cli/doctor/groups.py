"""The groups of checks, run side by side where one does not distort what another measures."""

import asyncio
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Literal, TypeVar

from cli.config import Config
from cli.doctor.machine import CHECKS as MACHINE_CHECKS
from cli.doctor.machine import Machine
from serving.doctor.finding import Check, Finding
from serving.doctor.run import examine
from serving.doctor.server import Wanted
from serving.doctor.wire import Wire, is_local

Group = Literal["endpoint", "sandbox", "machine"]
GROUPS: tuple[Group, ...] = ("endpoint", "sandbox", "machine")
# What the last groups may need when the first has used its time.
RESERVE_S = 8.0
Subject = TypeVar("Subject")


@dataclass(frozen=True, slots=True)
class Row:
    """A finding with the group and check that it comes from."""

    group: Group
    check: str
    about: str
    finding: Finding


@dataclass(frozen=True, slots=True)
class Plan:
    """What to examine. `config_error` is the sentence about a configuration that cannot be used."""

    config: Config
    groups: Sequence[Group]
    time_limit_s: float
    config_error: str = ""
    endpoint_known: bool = True


async def diagnose(plan: Plan) -> AsyncGenerator[Row]:
    """All findings, in the order of the groups, each as soon as those before it are out."""
    queues: dict[Group, asyncio.Queue[Row | None]] = {group: asyncio.Queue() for group in plan.groups}
    deadline = time.monotonic() + plan.time_limit_s
    measured = asyncio.Event()
    if "endpoint" not in plan.groups or not is_local(plan.config.base_url):
        # A server elsewhere does not notice that a container starts here.
        measured.set()

    async def fill(group: Group) -> None:
        queue = queues[group]
        try:
            if group == "endpoint":
                await _endpoint(plan, queue)
            elif group == "sandbox":
                await measured.wait()
                await _sandbox(plan, queue, deadline)
            else:
                await _all(group, MACHINE_CHECKS, Machine(plan.config_error), queue, deadline)
        finally:
            if group == "endpoint":
                measured.set()
            queue.put_nowait(None)

    async with asyncio.TaskGroup() as tasks:
        for group in plan.groups:
            tasks.create_task(fill(group))
        for queue in queues.values():
            while (row := await queue.get()) is not None:
                yield row


async def _endpoint(plan: Plan, queue: asyncio.Queue[Row | None]) -> None:
    if not plan.endpoint_known:
        finding = Finding("server", "skip", "not examined: mend the configuration first, or give --base-url")
        queue.put_nowait(Row("endpoint", "server", "", finding))
        return
    config = plan.config
    budget = plan.time_limit_s - (RESERVE_S if len(plan.groups) > 1 and plan.time_limit_s > 3 * RESERVE_S else 0)
    # One long answer, and as much again for the conversation before it.
    need = 2 * config.answer_tokens
    wanted = Wanted(config.base_url, config.model, config.api_key, need, budget, bool(config.preserve_thinking))
    async with Wire(config.api_key) as wire, aclosing(examine(wanted, wire)) as findings:
        async for check, finding in findings:
            queue.put_nowait(Row("endpoint", check.name, check.about, finding))


async def _sandbox(plan: Plan, queue: asyncio.Queue[Row | None], deadline: float) -> None:
    from cli.doctor.engine import Place, closing
    from cli.doctor.sandbox import CHECKS

    async with closing(Place(plan.config)) as place:
        await _all("sandbox", CHECKS, place, queue, deadline)


async def _all(
    group: Group,
    checks: Sequence[Check[Subject]],
    subject: Subject,
    queue: asyncio.Queue[Row | None],
    deadline: float,
) -> None:
    """One after the other. A first check that fails ends its group when the rest needs it (`engine`)."""
    for place, check in enumerate(checks):
        try:
            async with asyncio.timeout(max(0.0, deadline - time.monotonic())):
                findings = await check.run(subject)
        except TimeoutError:
            late = "not made: the time limit was reached"
            findings = [Finding(check.name, "skip", late, "give it more time with --time-limit")]
        for finding in findings:
            queue.put_nowait(Row(group, check.name, check.about, finding))
        if check.name == "engine" and findings[0].status == "fail":
            why = f"{len(checks) - place - 1} more checks were not made: they need an engine"
            queue.put_nowait(Row(group, "other checks", "", Finding("other checks", "skip", why)))
            return
