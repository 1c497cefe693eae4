"""The sessions of this machine, each in short."""

import sqlite3
from dataclasses import dataclass
from pathlib import Path

from agent.json_types import JsonObject, as_text
from agent.log import SessionLog
from cli.errors import UsageError
from cli.lock import is_held
from cli.paths import sessions_dir

LOG_NAME = "log.sqlite"
_SEARCHED = 2000


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A session in short. `status` is "interrupted" when its last request has no end, "running" while a process has it.

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
            status=as_text(end.data.get("status")) if ended and end else _unended(path.parent),
            steps=last.step if last else 0,
            meta=log.meta(),
            path=path,
            asked="\n".join(as_text(entry.data.get("text"))[:_SEARCHED] for entry in log.standing("user")),
            changed=max(last.time if last else 0.0, task.time if task else 0.0),
        )
    finally:
        log.close()


def _unended(directory: Path) -> str:
    return "running" if is_held(directory) else "interrupted"
