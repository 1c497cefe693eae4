"""`qwright sessions`: what was done on this machine."""

import asyncio
import json
import re
import sqlite3
import sys
import time
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from agent.compacted import compacted_event
from agent.compaction_words import compacted_line
from agent.json_types import JsonObject, as_list, as_object, as_text
from agent.log import Entry, SessionLog
from cli.compactions import compaction_figures, figures_line
from cli.errors import UsageError
from cli.output import fault_counts, faults_in_words, turn_figures
from cli.paths import sessions_dir
from cli.printing import counted, one_line, printable
from cli.server_use import server_use

LOG_NAME = "log.sqlite"
_SEARCHED = 2000


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A session in short. `status` is "interrupted" when its last request has no end.

    `changed` is when it last did something, Unix seconds; `asked` are the beginnings of all its requests.
    """

    session_id: str
    started: float
    task: str
    status: str
    steps: int
    meta: JsonObject
    path: Path
    changed: float = 0.0
    asked: str = ""

    @property
    def title(self) -> str:
        """The name that its user gave it, else its last request."""
        return as_text(self.meta.get("title")) or self.task


def execute(options: Namespace) -> int:
    """See `cli.parser`."""
    match options.action:
        case "show":
            _show(find_session(options.session), options.output)
        case "export":
            _export(find_session(options.session), options.format)
        case "compact":
            from cli import session_compaction

            return session_compaction.execute(options)
        case "rm" | "prune" as action:
            from cli import session_removal

            (session_removal.remove if action == "rm" else session_removal.prune)(options)
        case _:
            _list(getattr(options, "output", "text"), getattr(options, "number", None))
    return 0


def all_sessions() -> list[SessionRow]:
    """Every readable session, newest first."""
    rows = [read_row(path.parent.name, path) for path in sessions_dir().glob(f"*/{LOG_NAME}")]
    return sorted((row for row in rows if row is not None), key=lambda row: row.session_id, reverse=True)


def find_session(session_id: str) -> SessionRow:
    """The session of this id, of a unique beginning of it, or the newest for "last". Raises `UsageError`."""
    rows = all_sessions()
    if session_id == "last":
        # One that was interrupted before its request was taken in has nothing to go on with.
        with_task = [row for row in rows if row.task]
        if not with_task:
            raise UsageError(f"There is no session yet in {sessions_dir()}.")
        return with_task[0]
    found = [row for row in rows if row.session_id == session_id]
    found = found or [row for row in rows if row.session_id.startswith(session_id)]
    if len(found) != 1:
        what = "There is no session" if not found else f"{len(found)} sessions begin with"
        raise UsageError(f"{what} {session_id!r}; `qwright sessions list` shows the {len(rows)} there are.")
    return found[0]


def read_row(session_id: str, path: Path) -> SessionRow | None:
    """A session in short, or None when its log cannot be read."""
    try:
        log = SessionLog.open(path, create=False)
    except (OSError, sqlite3.DatabaseError):
        return None
    try:
        task, end, last = log.last("user"), log.last("end"), log.last("mode")
        first = next(log.entries("session"), None)
        ended = end is not None and task is not None and end.id > task.id and (last is None or end.id > last.id)
        return SessionRow(
            session_id=session_id,
            started=first.time if first else 0.0,
            task=as_text(task.data.get("text")) if task else "",
            status=as_text(end.data.get("status")) if ended and end else "interrupted",
            steps=last.step if last else 0,
            meta=log.meta(),
            path=path,
            asked="\n".join(as_text(entry.data.get("text"))[:_SEARCHED] for entry in log.standing("user")),
            changed=max(last.time if last else 0.0, task.time if task else 0.0),
        )
    finally:
        log.close()


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


def _export(row: SessionRow, form: str) -> None:
    if form == "patch":
        from sandboxes.tree.stored import stored_patch

        sys.stdout.buffer.write(asyncio.run(stored_patch(row.path.parent)))
        return
    log = SessionLog.open(row.path, create=False)
    try:
        for text in exported(log, form):
            sys.stdout.write(text)
    finally:
        log.close()


def exported(log: SessionLog, form: str) -> Iterator[str]:
    """A log as JSON lines, all of it, or as Markdown: what stands, without what was taken back."""
    for entry in log.entries() if form == "json" else log.standing():
        if form == "json":
            yield json.dumps(asdict(entry)) + "\n"
        elif text := _markdown(entry):
            yield printable(text) + "\n\n"


def fenced(text: str) -> str:
    """The whole text as a Markdown block, in a fence longer than any within."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(longest + 1, 4)
    return f"{fence}\n{text}\n{fence}"


def _markdown(entry: Entry) -> str:
    data = entry.data
    match entry.kind:
        case "user":
            return f"## Request\n\n{as_text(data.get('text'))}"
        case "mode":
            return f"### Step {entry.step}: {'thinking' if data.get('thinking') else 'direct'} ({data.get('reason')})"
        case "assistant":
            thought = as_text(data.get("reasoning")).strip()
            parts = ["> " + thought.replace("\n", "\n> ")] if thought else []
            parts += [as_text(data.get("content")).strip()]
            for call in map(as_object, as_list(data.get("calls"))):
                name = as_text(call.get("name"))
                parts.append(f"**{name}**\n\n{fenced(as_text(call.get('arguments')))}")
            return "\n\n".join(part for part in parts if part)
        case "result":
            return fenced(as_text(data.get("text")))
        case "compaction":
            notes = as_text(data.get("summary"))
            return f"*{compacted_line(compacted_event(entry))}*" + (f"\n\n{notes}" if notes else "")
        case "end":
            return f"**{data.get('status')}** {as_text(data.get('summary'))}"
        case _:
            return ""
