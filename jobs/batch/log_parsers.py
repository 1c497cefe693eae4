"""Test logs to statuses by test: the rules of SWE-bench 5's parsers for its Python repositories that run pytest.

They are for where the `swebench` package is not installed (`jobs.batch.rules`): it brings 300 MB with it (datasets,
modal, pyarrow) and takes seconds to import, so it is no requirement.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import TypeAlias

STATUSES = ("FAILED", "PASSED", "SKIPPED", "ERROR", "XFAIL")
Parser: TypeAlias = Callable[[str], dict[str, str]]
_COUNT = re.compile(r"\[\d+\]")


def _summary(log: str) -> Iterator[tuple[str, list[str]]]:
    """Status and further words of each line of pytest's summary that names a test.

    "SKIPPED [2] file.py:7: reason" counts tests and names none.
    """
    for line in log.split("\n"):
        words = line.split()
        if line.startswith(STATUSES) and len(words) > 1 and not (words[0] == "SKIPPED" and _COUNT.fullmatch(words[1])):
            yield words[0], words[1:]


def _pytest(log: str) -> dict[str, str]:
    return {words[0]: status for status, words in _summary(log)}


def _pytest_options(log: str) -> dict[str, str]:
    """A path among a test's parameters counts by its last part."""
    results: dict[str, str] = {}
    for test, status in _pytest(log).items():
        match = re.search(r"(.*?)\[(.*)\]", test)
        name = test
        if match and match[2].startswith("/") and not match[2].startswith("//") and "*" not in match[2]:
            name = f"{match[1]}[/{match[2].rsplit('/', 1)[-1]}]"
        results[name] = status
    return results


def _pytest_v2(log: str) -> dict[str, str]:
    """Logs with colours, test ids with blanks, and lines that end with the status."""
    results: dict[str, str] = {}
    plain = re.sub(r"[\x01-\x09\x0b-\x1f]", "", re.sub(r"\[(\d+)m", "", log))
    for line in plain.split("\n"):
        words = line.split()
        if line.startswith(STATUSES):
            told = line.split(" - ", 1)[0] if line.startswith("FAILED") else line
            results |= {" ".join(rest): status for status, rest in _summary(told)}
        elif line.endswith(STATUSES) and len(words) > 1:
            results[" ".join(words[:-1])] = words[-1]
    return results


PARSERS: Mapping[str, Parser] = MappingProxyType(
    {
        **dict.fromkeys(("parse_log_pytest", "parse_log_flask", "parse_log_xarray"), _pytest),
        **dict.fromkeys(("parse_log_requests", "parse_log_pylint", "parse_log_pytest_options"), _pytest_options),
        **dict.fromkeys(
            ("parse_log_pytest_v2", "parse_log_sphinx", "parse_log_astropy", "parse_log_scikit"), _pytest_v2
        ),
    }
)
