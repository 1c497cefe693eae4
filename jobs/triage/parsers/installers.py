"""Docker and package managers: pip, uv, npm, yarn, apt, go modules; tox and nox around them."""

import re
from collections.abc import Sequence

from jobs.triage.failures import Failure, Kind, Quote
from jobs.triage.lines import Line
from jobs.triage.parsers.base import NOTHING

_D, _I, _C = Kind.DEPENDENCY, Kind.INFRASTRUCTURE, Kind.CONFIGURATION
_RULES = (
    (
        "pip",
        _D,
        False,
        "ERROR:",
        (
            r"^ERROR: (?:Could not find a version|No matching distribution|Cannot install|"
            r"ResolutionImpossible|Failed building wheel|Could not build wheels|"
            r"Package .* requires a different Python|THESE PACKAGES DO NOT MATCH)"
        ),
    ),
    ("uv", _D, False, "No solution found", r"^\s*× No solution found when resolving"),
    (
        "npm",
        _D,
        False,
        "npm ",
        (
            r"^npm (?:ERR!|error) (?:code (?:ETARGET|ERESOLVE|E404|EINTEGRITY|EUSAGE|EBADENGINE)|"
            r"notarget No matching|404 )"
        ),
    ),
    (
        "npm",
        _I,
        False,
        "npm ",
        (
            r"^npm (?:ERR!|error) code (?:ENOTFOUND|EAI_AGAIN|ECONNRESET|ECONNREFUSED|ETIMEDOUT|ENOSPC|"
            r"E5\d\d)"
        ),
    ),
    (
        "yarn",
        _D,
        False,
        "error ",
        (r"^error (?:Couldn't find (?:any versions|package)|An unexpected error occurred: \".*: Not found)"),
    ),
    (
        "apt",
        _D,
        False,
        "E: ",
        (
            r"^E: (?:Unable to locate package|Package '.*' has no installation candidate|"
            r"Version '.*' for '.*' was not found|Unable to correct problems)"
        ),
    ),
    ("apt", _I, False, "E: ", r"^E: (?:Failed to fetch|Unable to fetch some archives|Could not get lock)"),
    (
        "go",
        _D,
        False,
        "go: ",
        (
            r"^go: .*(?:unknown revision|not found|checksum mismatch|updates to go\.(?:mod|sum) needed|"
            r"missing go\.sum entry)"
        ),
    ),
    (
        "docker",
        _D,
        False,
        "failed to resolve source metadata",
        r"failed to resolve source metadata for \S{1,300}: \S{1,300}: not found$",
    ),
    ("docker", _D, False, "", r"(?:manifest unknown|manifest for \S+ not found|pull access denied for)"),
    ("docker", _I, False, "", r"toomanyrequests: |Cannot connect to the Docker daemon|429 Too Many Requests"),
    ("docker", _C, False, " failed: ", r"^(?:COPY|ADD) failed: "),
    ("docker", _C, True, "ERROR: failed to ", r"^ERROR: failed to (?:solve|build)"),
    ("docker", _C, True, "non-zero code", r"^The command '.*' returned a non-zero code: \d+"),
    ("tox", _D, True, "could not install deps", r"could not install deps"),
    ("tox", Kind.CRASH, True, "FAIL", r"^\s+\S+: FAIL (?:code \d+|✖)"),
    ("nox", Kind.CRASH, True, "nox > ", r"^nox > (?:Command .* failed with exit code|Session \S+ failed)"),
)
_COMPILED = tuple((tool, kind, weak, hint, re.compile(rule)) for tool, kind, weak, hint, rule in _RULES)
_HINTS = (
    "ERR",
    "429",
    "resolve source",
    "broken by",
    "E: ",
    "error",
    "go: ",
    "manifest",
    "denied",
    "toomany",
    "daemon",
    "solution",
    "deps",
    "FAIL",
    "nox >",
    " failed: ",
    "non-zero",
)
_BROKEN = "after connection broken by"
_WORKSPACE = re.compile(r"^(?:npm (?:ERR!|error) )?(?:code |notarget )?")


class InstallerParser:
    """A table of sentences by which installers give up. The same sentence twice is one failure."""

    def __init__(self) -> None:
        self._seen: set[tuple[str, Kind]] = set()
        self._broken = False

    def feed(self, line: Line) -> Sequence[Failure]:
        """See `Parser`."""
        text = line.text
        if not any(map(text.__contains__, _HINTS)):
            return NOTHING
        if _BROKEN in text:
            self._broken = True
        for tool, kind, weak, hint, rule in _COMPILED:
            if hint in text and rule.search(text):
                # pip that reached no index says that no version exists.
                away = tool == "pip" and self._broken and ("(from versions: none)" in text or ("pip", _I) in self._seen)
                return self._found(tool, _I if away else kind, weak, line)
        return NOTHING

    def finish(self) -> Sequence[Failure]:
        """See `Parser`."""
        return NOTHING

    def _found(self, tool: str, kind: Kind, weak: bool, line: Line) -> Sequence[Failure]:
        if (tool, kind) in self._seen:
            return NOTHING
        self._seen.add((tool, kind))
        message = _WORKSPACE.sub("", line.text.removeprefix("ERROR: ").removeprefix("E: "))
        return (Failure(tool, kind, tool, message, quotes=(Quote(line.number, line.text),), weak=weak),)
