"""`qwright sessions`: what was done on this machine."""

import json
import time
from argparse import Namespace
from dataclasses import asdict

from agent.json_types import JsonObject, as_object
from agent.log import SessionLog
from cli.output import fault_counts, faults_in_words, turn_figures
from cli.paths import sessions_dir
from cli.printing import counted, one_line, printable
from cli.server_use import server_use
from cli.sessions.compactions import compaction_figures, figures_line
from cli.sessions.export import export
from cli.sessions.rows import SessionRow, all_sessions, find_session


def execute(options: Namespace) -> int:
    """See `cli.parser`."""
    match options.action:
        case "show":
            _show(find_session(options.session), options.output)
        case "export":
            export(find_session(options.session), options.format)
        case "compact":
            from cli.sessions import compaction

            return compaction.execute(options)
        case "rm" | "prune" as action:
            from cli.sessions import removal

            (removal.remove if action == "rm" else removal.prune)(options)
        case _:
            _list(getattr(options, "output", "text"), getattr(options, "number", None))
    return 0


def _list(form: str, number: int | None) -> None:
    rows = all_sessions()
    left, rows = len(rows) - len(rows[:number]), rows[:number]
    if form == "json":
        print(json.dumps([{**asdict(row), "path": str(row.path)} for row in rows]))
        return
    if not rows:
        print(f"No sessions yet in {sessions_dir()}.")
    for row in rows:
        when = time.strftime("%Y-%m-%d %H:%M", time.localtime(row.started))
        print(f"{row.session_id}  {when}  {row.status:<11} {counted(row.steps, 'step'):>10}  {one_line(row.title, 70)}")
    if left:
        print(f"[… {counted(left, 'older session')}]")


def _show(row: SessionRow, form: str) -> None:
    log = SessionLog.open(row.path, create=False)
    try:
        usage, thinking = turn_figures(log, 0)
        faults = fault_counts(log, 0)
        server = server_use(log)
        compactions = compaction_figures(log, 0)
    finally:
        log.close()
    figures: JsonObject = {
        "usage": usage,
        "thinking": thinking,
        "faults": faults,
        "server": server.as_json(),
        "compactions": compactions,
    }
    if form == "json":
        print(json.dumps({**asdict(row), "path": str(row.path), **figures}))
        return
    print(f"session   {row.session_id}\nstatus    {row.status}\ntask      {one_line(row.task)}\nsteps     {row.steps}")
    for key, value in row.meta.items():
        if key != "id":
            print(f"{key:<9} {printable(str(value))}")
    for key, value in usage.items():
        print(f"{key.replace('_', ' '):<18} {value:,}")
    if used := server.sentences():
        print(used)
    print(f"thinking           {thinking['summary']}")
    for reason, count in as_object(thinking["reasons"]).items():
        print(f"  {count:>4} × {reason}")
    if faults:
        print(f"faults             {printable(faults_in_words(faults))}")
    if line := figures_line(compactions):
        print(line)
    print(f"log       {row.path}")
