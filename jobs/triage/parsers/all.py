"""Every parser at once over one log."""

from collections.abc import Iterable, Iterator

from jobs.triage.failures import Failure
from jobs.triage.lines import Line
from jobs.triage.parsers.base import Parser
from jobs.triage.parsers.cargo import CargoParser
from jobs.triage.parsers.compilers import CompilerParser
from jobs.triage.parsers.go import GoParser
from jobs.triage.parsers.installers import InstallerParser
from jobs.triage.parsers.java import JavaParser
from jobs.triage.parsers.javascript import JavaScriptParser
from jobs.triage.parsers.linters import LinterParser
from jobs.triage.parsers.machine import MachineParser
from jobs.triage.parsers.pytest import PytestParser
from jobs.triage.parsers.unittest import TracebackParser, UnittestParser


def parsers() -> tuple[Parser, ...]:
    """Fresh ones: each holds the state of one log."""
    return (
        PytestParser(),
        UnittestParser(),
        TracebackParser(),
        GoParser(),
        CargoParser(),
        JavaScriptParser(),
        JavaParser(),
        CompilerParser(),
        LinterParser(),
        InstallerParser(),
        MachineParser(),
    )


def failures_of(lines: Iterable[Line]) -> Iterator[Failure]:
    """The failures of a log, each when it is complete."""
    every = parsers()
    feeds = [parser.feed for parser in every]
    for line in lines:
        for feed in feeds:
            yield from feed(line)
    for parser in every:
        yield from parser.finish()
