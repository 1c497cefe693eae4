"""The processes below this one, as /proc shows them: also those that left their session and cleared their environment.

With `adopt` a process whose parent has ended becomes a child of this one (prctl(2), PR_SET_CHILD_SUBREAPER), so that
nothing that was started here can leave the tree.
"""

import os

_PR_SET_CHILD_SUBREAPER = 36


def adopt() -> None:
    """Take orphaned descendants over. Without ctypes, or before Linux 3.4, nothing is done: they go to init."""
    try:
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    except (ImportError, OSError, AttributeError):
        return


def start_of(pid: int) -> int:
    """When a process was started; 0 when that cannot be known."""
    row = _row(str(pid))
    return row[2] if row else 0


def descendants(since: int, spared: "set[int]") -> "list[int]":
    """What lives below this process, except what was there before `since` or is in a spared session, with its tree.

    Neither can be feigned: a start lies in the kernel, and a session is joined only by being born in it.
    """
    rows = _table()
    children: dict[int, list[int]] = {}
    for pid, row in rows.items():
        children.setdefault(row[0], []).append(pid)
    found: list[int] = []
    pending = children.get(os.getpid(), [])
    while pending:
        pid = pending.pop()
        _, session, start = rows[pid]
        if start >= since and session not in spared:
            found.append(pid)
            pending.extend(children.get(pid, ()))
    return found


def _table() -> "dict[int, tuple[int, int, int]]":
    rows: dict[int, tuple[int, int, int]] = {}
    try:
        names = os.listdir("/proc")
    except OSError:
        return rows
    for name in names:
        row = _row(name) if name.isdigit() else None
        if row is not None:
            rows[int(name)] = row
    return rows


def _row(name: str) -> "tuple[int, int, int] | None":
    try:
        with open(f"/proc/{name}/stat", "rb") as stat:
            # The command name, in parentheses, may hold anything: fields are counted from its end.
            fields = stat.read().rpartition(b")")[2].split()
        # The first thread of a process may have ended, a zombie to look at, while others work on.
        if fields[0] in (b"Z", b"X") and int(fields[17]) <= 1:
            return None
        return int(fields[1]), int(fields[3]), int(fields[19])
    except (OSError, IndexError, ValueError):
        return None
