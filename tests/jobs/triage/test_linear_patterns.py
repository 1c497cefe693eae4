"""No line of a log, whatever it holds, costs more than its length: counted on lines that are made to be costly."""

import io
import re
from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules

import pytest

from jobs.triage import clusters, failures, lines, parsers, places, revision, rules
from jobs.triage.lines import WIDEST, read_lines
from tests.jobs.triage.regex_steps import Steps, TooMuchError, hostile_lines
from tests.jobs.triage.regex_tree import tree_of

LENGTH = 400
# A pattern of many alternatives tries each of them at every place; one that is quadratic tries a quarter of the length.
MOST_PER_CHARACTER = 45


def patterns() -> Iterator[tuple[str, re.Pattern[str]]]:
    """Every pattern that reads lines, with a name."""
    found = [import_module(f"{parsers.__name__}.{one.name}") for one in iter_modules(parsers.__path__)]
    for module in (*found, clusters, failures, lines, places, revision, rules):
        for name, value in vars(module).items():
            for number, pattern in enumerate(within(value)):
                yield f"{module.__name__.removeprefix('jobs.triage.')}-{name}-{number}", pattern


def within(value: object) -> Iterator[re.Pattern[str]]:
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, (tuple, list, set, frozenset, dict)):
        for inner in value.values() if isinstance(value, dict) else value:  # pyright: ignore[reportUnknownVariableType]  # whatever is in it
            yield from within(inner)  # pyright: ignore[reportUnknownArgumentType]  # as above


def steps(pattern: re.Pattern[str], line: str) -> int:
    counted = Steps(line, LENGTH * MOST_PER_CHARACTER)
    try:
        counted.search(tree_of(pattern), anchored=pattern.pattern.startswith("^"))
    except TooMuchError:
        counted.made += 1
    return counted.made


@pytest.mark.parametrize("pattern", [pytest.param(pattern, id=name) for name, pattern in patterns()])
def test_the_work_of_a_pattern_grows_as_the_line(pattern: re.Pattern[str]) -> None:
    for line in hostile_lines(tree_of(pattern), LENGTH):
        assert steps(pattern, line) <= LENGTH * MOST_PER_CHARACTER, line


@pytest.mark.parametrize("costly", [r"^(.+?)(?:\s+\[(\w+)\])?$", r"a.*b", r"^(?:a|a)*b", r"^.* > .* F$"])
def test_a_costly_pattern_is_found(costly: str) -> None:
    pattern = re.compile(costly)
    most = LENGTH * MOST_PER_CHARACTER
    assert any(steps(pattern, line) > most for line in hostile_lines(tree_of(pattern), LENGTH))


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (r"^(\S+):(\d{1,3})", "a:12 b"),
        (r"b|c++d", "xccd"),
        (r"(?<=a)b\b", "ab "),
        (r"^(?:ab){2,}?$", "ababab"),
        (r"x*$", "y"),
    ],
)
def test_the_counting_matcher_finds_what_re_finds(pattern: str, text: str) -> None:
    compiled = re.compile(pattern)
    for tried in (text, text[1:], text[:-1], f"{text}{text}", ""):
        assert Steps(tried, 9999).search(tree_of(compiled), anchored=False) == bool(compiled.search(tried))


def test_no_parser_is_given_more_of_a_line_than_its_bound() -> None:
    words = b"E   AssertionError: " + b"word " * 1000
    (line,) = read_lines(io.BytesIO(words + b"\n"))
    assert len(line.text) <= WIDEST + 40
    assert line.text.startswith("E   AssertionError: word word")
    assert line.text.endswith(" characters more on this line]")
