"""`qwright doctor`: is all well with the model server, the sandbox and this machine, and if not, what mends it?"""

import asyncio
import os
import sys
import time
from argparse import Namespace
from contextlib import aclosing
from pathlib import Path

from cli.config import Config, resolve
from cli.doctor.groups import GROUPS, Group, Plan, Row, diagnose
from cli.doctor.report import TextReport, as_json, exit_code, summary, without
from cli.errors import UsageError
from cli.render import printable
from serving.masked import masked


def execute(options: Namespace) -> int:
    """See `cli.parser`. Exit codes: 0 well or warnings only, 2 configuration, 3 endpoint, 4 sandbox or machine."""
    plan = planned(options)
    shown_url = masked(plan.config.base_url)
    began = time.monotonic()
    if not options.json:
        print(f"qwright doctor, {printable(shown_url)}", flush=True)
    rows = asyncio.run(_run(plan, None if options.json else TextReport(sys.stdout, _colour())))
    seconds = time.monotonic() - began
    if options.json:
        print(as_json(rows, shown_url, seconds))
    else:
        print(f"\n{printable(summary(rows, seconds))}")
    return exit_code(rows)


def planned(options: Namespace) -> Plan:
    """What to examine. A broken configuration is a finding, and flags and defaults stand in for it."""
    flags = {key: value for key in ("base_url", "model", "api_key", "image") if (value := getattr(options, key))}
    groups: tuple[Group, ...] = tuple(group for group in GROUPS if not options.only or group in options.only)
    try:
        return Plan(resolve(flags, Path.cwd()).values, groups, options.time_limit)
    except UsageError as error:
        config = Config.model_validate(flags)
        if "machine" not in groups:
            raise
        return Plan(config, groups, options.time_limit, str(error), "base_url" in flags)


async def _run(plan: Plan, report: TextReport | None) -> list[Row]:
    rows: list[Row] = []
    async with aclosing(diagnose(plan)) as found:
        async for row in found:
            clean = without(plan.config.api_key, row)
            rows.append(clean)
            if report is not None:
                report.row(clean)
    return rows


def _colour() -> bool:
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
