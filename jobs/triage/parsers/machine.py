"""Signs that the machine or the set-up failed, not the code. All weak: they decide where nothing else was found."""

import re
from collections.abc import Sequence

from jobs.triage.failures import Failure, Kind, Quote
from jobs.triage.lines import Line
from jobs.triage.parsers.base import NOTHING

INFRASTRUCTURE = {
    "out of memory": (
        r"Out of memory|OOMKilled|oom-kill|Cannot allocate memory|JavaScript heap out of memory|"
        r"java\.lang\.OutOfMemoryError|\bMemoryError\b|std::bad_alloc|exit code 137|signal: 9, SIGKILL"
    ),
    "disk full": r"No space left on device|ENOSPC|Disk quota exceeded|Errno 28\b",
    "time limit": (
        r"The job running on runner .* has exceeded the maximum execution time|"
        r"ERROR: Job failed: execution took longer|The operation was canceled\.|"
        r"Timeout has been exceeded|exceeded the limit of \d+ minutes"
    ),
    "network": (
        r"Temporary failure in name resolution|Could not resolve host|Name or service not known|"
        r"Network is unreachable|Connection timed out|Connection reset by peer|TLS handshake timeout|"
        r"i/o timeout|ECONNRESET|ETIMEDOUT|EAI_AGAIN|503 Service Unavailable|502 Bad Gateway"
    ),
    "runner lost": (
        r"The runner has received a shutdown signal|The hosted runner.* lost communication|"
        r"The self-hosted runner.* lost communication|ERROR: Job failed \(system failure\)|"
        r"Agent went offline|hudson\.remoting\.ChannelClosedException|Cannot contact \S+: "
    ),
}
CONFIGURATION = {
    "workflow file": (
        r"Invalid workflow file|yaml: line \d+: |WorkflowScript: \d+: |\.gitlab-ci\.yml.* (?:config|"
        r"syntax)|Unrecognized named-value"
    ),
    "command missing": (
        r": command not found$|: not found$|executable file not found in \$PATH|"
        r"is not recognized as an internal or external command"
    ),
    "arguments": r"unrecognized arguments: |error: unknown option|invalid option --|No module named pytest$",
    "rights": (
        r"^.*: Permission denied$|fatal: could not read Username|Resource not accessible by integration|"
        r"403 Forbidden"
    ),
    "missing variable": r"environment variable \S+ (?:is )?(?:not set|required|missing)|unbound variable$",
}
_TABLE = tuple(
    (Kind.INFRASTRUCTURE if table is INFRASTRUCTURE else Kind.CONFIGURATION, name, re.compile(rule))
    for table in (INFRASTRUCTURE, CONFIGURATION)
    for name, rule in table.items()
)
_ANY = re.compile(
    r"[Mm]emory|OOM|oom-|bad_alloc|137|SIGKILL|ENOSPC|space left|quota|Errno 28|exceeded|longer|"
    r"cancel|resol|not known|unreach|time ?out|timed out|reset by|ECONN|ETIMED|EAI_|50[23]|shutdown|"
    r"communication|system failure|offline|ChannelClosed|contact|workflow|yaml|Workflow|gitlab-ci|"
    r"Unrecog|not found|recognized|unknown opt|invalid opt|No module|denied|Username|integration|403|"
    r"variable"
)


def machine_sign(text: str) -> str:
    """The name of the first sign of a broken machine in a message, or ""."""
    return next((name for kind, name, rule in _TABLE if kind is Kind.INFRASTRUCTURE and rule.search(text)), "")


class MachineParser:
    """Each sign is reported once."""

    def __init__(self) -> None:
        self._seen: set[str] = set()

    def feed(self, line: Line) -> Sequence[Failure]:
        """See `Parser`."""
        if not _ANY.search(line.text):
            return NOTHING
        for kind, name, rule in _TABLE:
            if name not in self._seen and rule.search(line.text):
                self._seen.add(name)
                return (Failure("machine", kind, name, line.text, quotes=(Quote(line.number, line.text),), weak=True),)
        return NOTHING

    def finish(self) -> Sequence[Failure]:
        """See `Parser`."""
        return NOTHING
