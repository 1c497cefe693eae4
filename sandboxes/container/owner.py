"""Who owns a container: a process, named so that a later one can tell whether it still lives.

A process id alone is reused; with the start time of the process and the boot of the machine it is unique.
"""

import os
import platform
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Owner:
    """A process of some machine. `start` is field 22 of /proc/PID/stat in clock ticks, 0 where there is no /proc."""

    host: str
    boot: str
    pid: int
    start: int

    def __str__(self) -> str:
        """Text form, fit for a label and for a container name: `pid_start_boot_host`."""
        return f"{self.pid}_{self.start}_{self.boot}_{self.host}"

    def is_here(self) -> bool:
        """Whether the process is, or was, one of this machine."""
        return self.host == this_process().host

    def lives(self) -> bool:
        """Whether the process still runs. An owner on another machine counts as living: nobody here can know."""
        here = this_process()
        if not self.is_here():
            return True
        if self.boot != here.boot:
            return False
        if self.start:
            return _start_time(self.pid) == self.start
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return True
        return True


def parse_owner(text: str) -> Owner | None:
    """Read the text form; None for anything else."""
    parts = text.split("_", 3)
    if len(parts) != 4 or not (parts[0].isdigit() and parts[1].isdigit()):
        return None
    return Owner(host=parts[3], boot=parts[2], pid=int(parts[0]), start=int(parts[1]))


@cache
def _machine() -> tuple[str, str]:
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip().replace("-", "")[:12]
    except OSError:
        boot = "0"
    host = "".join(c if c.isalnum() or c in ".-" else "-" for c in platform.node()) or "host"
    return host, boot


def this_process() -> Owner:
    """The calling process."""
    host, boot = _machine()
    return Owner(host=host, boot=boot, pid=os.getpid(), start=_start_time(os.getpid()))


def _start_time(pid: int) -> int:
    try:
        fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
    except OSError:
        return 0
    # A zombie holds its entry but owns nothing any more.
    return 0 if fields[0] in (b"Z", b"X") else int(fields[19])
