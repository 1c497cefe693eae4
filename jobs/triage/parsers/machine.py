"""Signs that the machine or the set-up failed, not the code. All weak: they decide where nothing else was found."""

import re
from collections.abc import Sequence

from jobs.triage.failures import Failure, Kind, Quote
from jobs.triage.lines import Line
from jobs.triage.parsers.base import NOTHING

SERVICE = "service away"
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
    "cancelled": r"^(?:Error: )?Canceling since a higher priority waiting request|^ERROR: Job failed: canceled",
    "certificate": r"certificate has expired|certificate verify failed|SSL certificate problem|x509: certificate ",
    "port in use": r"EADDRINUSE|[Aa]ddress already in use|port is already allocated",
    "rate limit": r"toomanyrequests: |429 Too Many Requests|API rate limit exceeded|secondary rate limit",
    "cache": (
        r"Data corruption detected|Unexpected EOF in archive|Tar failed with error|gzip: stdin: (?:not in gzip|unexp)"
    ),
    "network": (
        r"Temporary failure in name resolution|Could not resolve host|Name or service not known|"
        r"Network is unreachable|Connection timed out|Connection reset by peer|TLS handshake timeout|"
        r"i/o timeout|ECONNRESET|ETIMEDOUT|EAI_AGAIN|503 Service Unavailable|502 Bad Gateway|"
        r"[Rr]ead timed out|Failed to connect to \S{1,200} port|Could not connect to server|Couldn't connect to server|"
        r"Operation timed out|504 Gateway|"
        r"The requested URL returned error: 5\d\d|connect timeout|connection timed out"
    ),
    SERVICE: r"[Cc]onnection refused|ECONNREFUSED",
    "runner lost": (
        r"The runner has received a shutdown signal|The hosted runner.* lost communication|"
        r"The self-hosted runner.* lost communication|ERROR: Job failed \(system failure\)|"
        r"Agent went offline|hudson\.remoting\.ChannelClosedException|Cannot contact \S+: "
    ),
}
CONFIGURATION = {
    "workflow file": (
        r"Invalid workflow file|yaml: line \d+: |WorkflowScript: \d+: |\.gitlab-ci\.yml.* (?:config|"
        r"syntax)|Unrecognized named-value|Found errors in your \.gitlab-ci\.yml"
    ),
    "command missing": (
        r": command not found$|: not found$|executable file not found in \$PATH|"
        r"is not recognized as an internal or external command"
    ),
    "arguments": r"unrecognized arguments: |error: unknown option|invalid option --|No module named pytest$",
    "rights": (
        r"^.*: Permission denied$|fatal: could not read Username|Resource not accessible by integration|"
        r"403 Forbidden|Permission denied \(publickey|unauthorized: authentication required|"
        r"denied: requested access to the resource is denied|No valid credential sources|Unable to locate credentials|"
        r"could not find default credentials|terminal prompts disabled"
    ),
    "step missing": (
        r"Missing script: |^g?make: \*\*\* No rule to make target|^=+ no tests ran in |Artifact not found for name"
    ),
    "submodule": r"upload-pack: not our ref|did not contain [0-9a-f]{40}\.|No url found for submodule path",
    "missing variable": r"environment variable \S+ (?:is )?(?:not set|required|missing)|unbound variable$",
}
DEPENDENCY = {
    "package missing": (
        r"Could not find a package configuration file provided by|No package '[^']{1,100}' found|"
        r"Could NOT find [A-Z]\w{1,60} \("
    ),
}
_TABLES = ((Kind.INFRASTRUCTURE, INFRASTRUCTURE), (Kind.CONFIGURATION, CONFIGURATION), (Kind.DEPENDENCY, DEPENDENCY))
_TABLE = tuple((kind, name, re.compile(rule)) for kind, table in _TABLES for name, rule in table.items())
_WORDS = (
    "Memory",
    "memory",
    "OOM",
    "oom-",
    "bad_alloc",
    "137",
    "SIGKILL",
    "ENOSPC",
    "space left",
    "quota",
    "Errno 28",
    "exceeded",
    "longer",
    "cancel",
    "resol",
    "not known",
    "unreach",
    "time out",
    "timeout",
    "timed out",
    "reset by",
    "ECONN",
    "ETIMED",
    "EAI_",
    "502",
    "503",
    "shutdown",
    "communication",
    "system failure",
    "offline",
    "ChannelClosed",
    "contact",
    "workflow",
    "yaml",
    "Workflow",
    "gitlab-ci",
    "Unrecog",
    "not found",
    "recognized",
    "unknown opt",
    "invalid opt",
    "No module",
    "denied",
    "Username",
    "integration",
    "403",
    "variable",
    "ertificate",
    "EADDR",
    "in use",
    "allocated",
    "toomany",
    "Too Many",
    "rate limit",
    "corruption",
    "EOF in",
    "Tar failed",
    "gzip",
    "Connect",
    "connect",
    "URL returned",
    "gateway",
    "Gateway",
    "refused",
    "unauthorized",
    "credential",
    "prompts",
    "Missing script",
    "No rule",
    "no tests ran",
    "Artifact",
    "not our",
    "not contain",
    "No url",
    "Could NOT",
    "Could not find",
    "No package",
    "Canceling",
    "Found errors",
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
        text = line.text
        if not any(map(text.__contains__, _WORDS)):
            return NOTHING
        for kind, name, rule in _TABLE:
            if name not in self._seen and rule.search(text):
                self._seen.add(name)
                return (Failure("machine", kind, name, line.text, quotes=(Quote(line.number, line.text),), weak=True),)
        return NOTHING

    def finish(self) -> Sequence[Failure]:
        """See `Parser`."""
        return NOTHING
