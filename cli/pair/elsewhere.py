"""Other sessions of this machine: a list of them, and a copy of one to go on in."""

import shutil
from pathlib import Path

from agent.log import SessionLog
from cli.pair.again import is_here
from cli.paths import session_dir
from cli.sessions.rows import LOG_NAME, all_sessions
from tui.past.host import SessionLine

# Files of the one process that holds a session, and archives that are written once.
_NOT_COPIED = ("lock", "work")


def session_lines(here: Path) -> list[SessionLine]:
    """All sessions in which something was asked: those of this directory first, each group with the newest first."""
    lines = [
        SessionLine(
            session_id=row.session_id,
            title=row.title,
            repo=str(row.meta.get("repo", "")),
            changed=row.changed,
            status=row.status,
            steps=row.steps,
            here=is_here(row, here),
            asked=row.asked,
        )
        for row in all_sessions()
        if row.task
    ]
    return sorted(lines, key=lambda line: (not line.here, -line.changed))


def fork(session_id: str, new_id: str) -> None:
    """Copy a session that nobody has open: log and snapshots. Blocking."""
    source, target = session_dir(session_id), session_dir(new_id)
    shutil.copytree(source, target, ignore=shutil.ignore_patterns(*_NOT_COPIED), dirs_exist_ok=True)
    log = SessionLog.open(target / LOG_NAME, create=False)
    try:
        title = log.meta().get("title") or ""
        log.update_meta(id=new_id, forked_from=session_id, title=f"{title} (fork)" if title else "")
    finally:
        log.close()
