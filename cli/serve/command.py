"""`qwright serve`: start vLLM, wait until it answers, make it the configured endpoint; stop it; say how it is."""

import json
import os
import time
from argparse import Namespace
from pathlib import Path

from cli import exit_codes
from cli.errors import CommandError, UsageError
from cli.paths import state_dir
from cli.serve.start import start
from serving.probe import ServerUnusable, look
from serving.serve.errors import ServeError
from serving.serve.log import all_lines, decisive
from serving.serve.process import Record, Records, stop


def execute(options: Namespace) -> int:
    """See `cli.parsers.serve`."""
    records = Records(state_dir() / "serve")
    try:
        match options.action:
            case "stop":
                return _stop(records, options.port)
            case "status":
                return _status(records, options.port, as_json=options.json)
            case _:
                return start(options, records)
    except ServeError as error:
        raise CommandError(str(error), exit_codes.ENDPOINT) from error


def _stop(records: Records, port: int | None) -> int:
    running = [record for record in records.all() if record.alive and port in (None, record.port)]
    if len(running) > 1:
        ports = ", ".join(str(record.port) for record in running)
        raise UsageError(
            f"Several servers run (ports {ports}); say which: `qwright serve stop --port {running[0].port}`."
        )
    if not running:
        where = f" on port {port}" if port else ""
        print(f"No server that qwright started runs{where}.")
        return exit_codes.DONE
    record = running[0]
    stop(record)
    records.forget(record.port)
    print(f"Stopped the server on port {record.port} ({record.source}).")
    return exit_codes.DONE


def _status(records: Records, port: int | None, *, as_json: bool) -> int:
    asked = [record for record in records.all() if port in (None, record.port)]
    states = [(record, *_state(record)) for record in asked]
    if as_json:
        print(json.dumps([_as_data(*row) for row in states], indent=2))
    elif not states:
        print("No server was started with `qwright serve`.")
    for record, state, detail in [] if as_json else states:
        minutes = (time.time() - record.since) / 60
        print(f"port {record.port}  {state}  {record.source}  process {record.pid}, started {minutes:.0f} min ago")
        print(f"  {record.base_url}  {detail}")
        print(f"  log {record.log}")
    return exit_codes.DONE if any(state in ("ready", "up") for _, state, _ in states) else exit_codes.ENDPOINT


def _state(record: Record) -> tuple[str, str]:
    if not record.alive:
        death = decisive(all_lines(Path(record.log)), 1)
        return "ended", f"{death.line} {death.advice}".strip()
    try:
        info = look(record.base_url, os.environ.get("QWRIGHT_API_KEY", ""), timeout_s=5.0)
    except ServerUnusable as error:
        return ("silent" if record.ready else "starting"), str(error)
    model = info.models[0]
    # Whoever started it may have been killed before it could note that a chat was answered.
    return "ready" if record.ready else "up", f"{model.name}, {model.context_tokens:,} tokens, vLLM {info.version}"


def _as_data(record: Record, state: str, detail: str) -> dict[str, object]:
    return {
        "port": record.port,
        "state": state,
        "detail": detail,
        "base_url": record.base_url,
        "source": record.source,
        "pid": record.pid,
        "since": record.since,
        "log": record.log,
    }
