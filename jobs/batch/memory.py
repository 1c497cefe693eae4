"""How many more instances the memory of this machine bears."""

from pathlib import Path

MEMINFO = Path("/proc/meminfo")
# What an instance comes to need while it compiles and tests: most of SWE-bench's stay below.
EACH_BYTES = 1024**3
# Left to everything else, as a share of all.
RESERVE = 0.1


def room_in_memory(path: Path = MEMINFO) -> int | None:
    """The number of instances that fit into what is available now; None where the system does not tell."""
    try:
        return instances_that_fit(path.read_text(encoding="ascii"))
    except (OSError, UnicodeDecodeError):
        return None


def instances_that_fit(meminfo: str) -> int | None:
    """The same from the text of `/proc/meminfo` (in KiB). Pure."""
    sizes: dict[str, int] = {}
    for line in meminfo.splitlines():
        name, _, rest = line.partition(":")
        number = rest.split()[:1]
        if number and number[0].isdecimal():
            sizes[name] = int(number[0]) * 1024
    if "MemAvailable" not in sizes or "MemTotal" not in sizes:
        return None
    return max(int((sizes["MemAvailable"] - RESERVE * sizes["MemTotal"]) / EACH_BYTES), 0)
