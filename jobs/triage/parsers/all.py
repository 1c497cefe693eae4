"""Every parser at once over one log."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from jobs.triage.failures import Failure
from jobs.triage.lines import Line
from jobs.triage.parsers.base import Parser
from jobs.triage.parsers.cargo import CargoParser
from jobs.triage.parsers.compilers import CompilerParser
from jobs.triage.parsers.crashes import CrashParser
from jobs.triage.parsers.ended import EndParser
from jobs.triage.parsers.gates import GateParser
from jobs.triage.parsers.go import GoParser
from jobs.triage.parsers.installers import InstallerParser
from jobs.triage.parsers.java import JavaParser
from jobs.triage.parsers.javascript import JavaScriptParser
from jobs.triage.parsers.linters import LinterParser
from jobs.triage.parsers.machine import MachineParser
from jobs.triage.parsers.pytest import PytestParser
from jobs.triage.parsers.unittest import TracebackParser, UnittestParser


def parsers() -> tuple[Parser, ...]:
    """Fresh ones, each with the state of one log; pytest's stands apart, as it says where captured output is."""
    return (
        UnittestParser(),
        TracebackParser(),
        GoParser(),
        CargoParser(),
        JavaScriptParser(),
        JavaParser(),
        CompilerParser(),
        LinterParser(),
        GateParser(),
        InstallerParser(),
        CrashParser(),
        MachineParser(),
        EndParser(),
    )


def failures_of(lines: Iterable[Line]) -> Iterator[Failure]:
    """The failures of a log, each when it is complete.

    pytest's sections repeat what failed tests printed, which must not pass for the words of another tool: parsers of
    their own read it, and what they find is weak.
    """
    pytest, outside = PytestParser(), parsers()
    inside: tuple[Parser, ...] = ()
    for line in lines:
        yield from pytest.feed(line)
        if pytest.inside:
            inside = inside or parsers()
            for parser in inside:
                if found := parser.feed(line):
                    yield from _weak(found)
            continue
        if inside:
            yield from _weak([one for parser in inside for one in parser.finish()])
            inside = ()
        for parser in outside:
            if found := parser.feed(line):
                yield from found
    yield from pytest.finish()
    for parser in outside:
        yield from parser.finish()
    yield from _weak([one for parser in inside for one in parser.finish()])


def _weak(failures: Iterable[Failure]) -> Iterator[Failure]:
    return (replace(failure, weak=True) for failure in failures)
