"""Finding and killing what a command started, also what left its process group."""

import os
import signal
from collections.abc import Callable

MARKER = "QWRIGHT_RUN"
_PASSES = 20
_PR_SET_DUMPABLE = 4


def living(marker: str, session: int, first_pid: int = 0) -> "list[int]":
    """Processes with `marker` as a prefix of their QWRIGHT_RUN variable, or in the session; zombies do not count."""
    needle = (f"{MARKER}={marker}").encode()
    found: list[int] = []
    try:
        names = os.listdir("/proc")
    except OSError:
        return found
    own = os.getpid()
    for name in names:
        if name.isdigit() and int(name) >= first_pid and int(name) != own and _belongs(name, needle, session):
            found.append(int(name))
    return found


def _belongs(name: str, needle: bytes, session: int) -> bool:
    try:
        with open(f"/proc/{name}/stat", "rb") as stat:
            # The command name, in parentheses, may hold anything: fields are counted from its end.
            fields = stat.read().rpartition(b")")[2].split()
        if fields[0] in (b"Z", b"X"):
            return False
        if session and int(fields[3]) == session:
            return True
        with open(f"/proc/{name}/environ", "rb") as environ:
            variables = environ.read()
    except (OSError, IndexError, ValueError):
        return False
    return variables.startswith(needle) or b"\0" + needle in variables


def group_lives(pgid: int) -> bool:
    """Whether the process group still has members."""
    try:
        os.killpg(pgid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def terminate(marker: str, session: int, more: "list[int]") -> None:
    """Ask everything of a command to end."""
    _signal_group(session, signal.SIGTERM)
    for pid in {*living(marker, session), *more}:
        _signal(pid, signal.SIGTERM)
    # A stopped process acts on SIGTERM only once it continues.
    _signal_group(session, signal.SIGCONT)


def kill(marker: str, session: int, more: "Callable[[], list[int]]", alone: bool = False) -> None:
    """End everything of a command now; repeated, because a process may fork while the list is walked.

    One that does nothing but fork and end is never the one that was seen. Where all other processes are the sandbox's
    (`alone`) a look counts only if nothing was started meanwhile, and in the end all are stopped for a moment: that is
    one call to the kernel, which no fork slips through.
    """
    for _ in range(_PASSES):
        newest = _newest_pid() if alone else ""
        if not _kill_once(marker, session, more) and (not alone or newest == _newest_pid()):
            return
    if alone:
        _signal(-1, signal.SIGSTOP)
        _kill_once(marker, session, more)
        _signal(-1, signal.SIGCONT)


def _newest_pid() -> str:
    """The process id that was given out last in this namespace (proc(5), /proc/loadavg)."""
    try:
        with open("/proc/loadavg") as stream:
            return stream.read().split()[-1]
    except (OSError, IndexError):
        return ""


def kill_all() -> None:
    """End every process of this namespace but the first one and this."""
    _signal(-1, signal.SIGKILL)


def _kill_once(marker: str, session: int, more: "Callable[[], list[int]]") -> bool:
    _signal_group(session, signal.SIGKILL)
    found = {*living(marker, session), *more()}
    for pid in found:
        _signal(pid, signal.SIGKILL)
    return bool(found)


def protect() -> None:
    """Close this process's memory and descriptors to others of the same user, who could write answers in its name.

    What it starts is open to them again (prctl(2), PR_SET_DUMPABLE). Without ctypes nothing is done.
    """
    try:
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    except (ImportError, OSError, AttributeError):
        return


def _signal_group(pgid: int, number: int) -> None:
    if pgid > 1:
        try:
            os.killpg(pgid, number)
        except OSError:
            return


def _signal(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except OSError:
        return
