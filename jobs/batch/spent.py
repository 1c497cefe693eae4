"""What an instance had spent when its process was killed, interrupted or crashed: read off its log."""

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager

from agent.log import SessionLog
from jobs.batch.figures import figures_of
from jobs.batch.store import InstanceFolder, Status


def continued(status: Status, folder: InstanceFolder) -> Status:
    """The status with the seconds of a start whose end nobody recorded: until the last entry that it wrote.

    Its first entry was written when the sandbox was ready. A log without entries of that start adds nothing.
    """
    if not status.began_at:
        return status
    first = last = 0.0
    with _opened(folder) as log:
        for entry in log.entries() if log else ():
            if entry.time >= status.began_at:
                first, last = first or entry.time, entry.time
    spent_s, setup_s = (max(at - status.began_at, 0.0) if at else 0.0 for at in (last, first))
    return status.model_copy(
        update={
            "seconds": round(status.seconds + spent_s, 3),
            "setup_s": round(status.setup_s + setup_s, 3),
            "began_at": 0.0,
        }
    )


def accounted(status: Status, folder: InstanceFolder) -> Status:
    """The same with the steps and figures that the log has."""
    status = continued(status, folder)
    with _opened(folder) as log:
        if log is None:
            return status
        steps = max((entry.step for entry in log.entries("mode")), default=0)
        return status.model_copy(update={"steps": steps, "figures": figures_of(log)})


@contextmanager
def _opened(folder: InstanceFolder) -> Generator[SessionLog | None]:
    """The log, None when it is not there or cannot be read."""
    try:
        log = SessionLog.open(folder.log, create=False)
    except (OSError, sqlite3.Error):
        yield None
        return
    try:
        yield log
    finally:
        log.close()
