"""`qwright sessions rm` and `prune`: sessions go with their logs and snapshots, running ones never."""

import shutil
import sys
import time
from argparse import Namespace
from collections.abc import Sequence

from cli.errors import UsageError
from cli.lock import session_lock
from cli.printing import counted, one_line
from cli.sessions.rows import SessionRow, all_sessions, find_session


def remove(options: Namespace) -> None:
    """`sessions rm ID…`."""
    rows = {row.session_id: row for row in map(find_session, options.sessions)}
    _remove(list(rows.values()), options.yes)


def prune(options: Namespace) -> None:
    """`sessions prune --older-than SPAN --keep N`: what is older, except for the newest N."""
    if options.older_than is None and options.keep is None:
        raise UsageError("Say which sessions are to go: --older-than 30d, --keep 20, or both.")
    _remove(expired(all_sessions(), time.time(), options.older_than or 0.0, options.keep or 0), options.yes)


def expired(rows: Sequence[SessionRow], now: float, older_than_s: float, keep: int) -> list[SessionRow]:
    """Of rows with the newest first those behind the first `keep` whose log has not changed for so many seconds."""
    return [row for row in rows[keep:] if now - row.path.stat().st_mtime >= older_than_s]


def _remove(rows: Sequence[SessionRow], sure: bool) -> None:
    if not rows:
        print("Nothing to remove.")
        return
    if not sure:
        _confirm(rows)
    from sandboxes.tree.bound import disarm

    removed = 0
    for row in rows:
        try:
            with session_lock(row.path.parent):
                # A killed session may have left repositories in a bound tree; its record of them goes with it.
                for note in disarm(row.path.parent):
                    print(note, file=sys.stderr)
                shutil.rmtree(row.path.parent)
                removed += 1
        except UsageError as running:
            print(f"qwright: {running} It stays.", file=sys.stderr)
    print(f"{counted(removed, 'session')} removed.")


def _confirm(rows: Sequence[SessionRow]) -> None:
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError(f"This removes {counted(len(rows), 'session')} for good; add --yes where nobody can be asked.")
    for row in rows:
        print(f"{row.session_id}  {one_line(row.task, 70)}", file=sys.stderr)
    print(f"Remove {counted(len(rows), 'session')} for good? [y/N] ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise UsageError("Nothing was removed.")
