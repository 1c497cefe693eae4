"""ruff (full, concise, GitHub), mypy, pyright, ESLint."""

import re
from collections.abc import Sequence

from jobs.triage.failures import Failure, Frame, Kind, Quote
from jobs.triage.lines import Line
from jobs.triage.parsers.base import NOTHING

_CONCISE = re.compile(r"^(\S+\.pyi?):(\d{1,9}):(\d{1,9}): ([A-Z]{1,4}\d{3,4}) (.+)$")
_FULL = re.compile(r"^([A-Z]{1,4}\d{3,4}) (\[\*\] )?(.+)$")
_ARROW = re.compile(r"^\s*--> (\S+\.(?:pyi?|ipynb)):(\d{1,9}):(\d{1,9})$")
_MYPY = re.compile(r"^(\S+\.pyi?):(\d{1,9}):(?:\d+:)? error: (.+)$")
_MYPY_CODE = re.compile(r"\s\[([a-z-]+)\]$")
_PYRIGHT = re.compile(r"^\s*(\S+\.pyi?):(\d{1,9}):(\d{1,9}) - error: (.+?)(?: \((report\w+)\))?$")
_ESLINT_FILE = re.compile(r"^(/?[\w@./-]+\.(?:[cm]?[jt]sx?|vue|svelte))$")
_ESLINT = re.compile(r"^\s+(\d{1,9}):(\d{1,9})\s+error\s+(\S.*)$")


class LinterParser:
    """A finding is a place, a code and a sentence."""

    def __init__(self) -> None:
        self._file = ""
        self._rule: Line | None = None

    def feed(self, line: Line) -> Sequence[Failure]:
        """See `Parser`."""
        text = line.text
        if "error" in text and (found := _ESLINT.match(text)) and self._file:
            message, _, rule = found[3].rpartition("  ")
            code = rule if message and " " not in rule else ""
            return self._finding("eslint", self._file, found[1], code, message.rstrip() if code else found[3], line)
        if ".py" in text:
            return self._python(line)
        if text[:1].isupper() and _FULL.match(text):
            self._rule = line
        elif text and text[-1] in "sxje" and _ESLINT_FILE.match(text):
            self._file = text
        elif not text:
            self._file = ""
        return NOTHING

    def finish(self) -> Sequence[Failure]:
        """See `Parser`."""
        return NOTHING

    def _python(self, line: Line) -> Sequence[Failure]:
        text = line.text
        if "error: " in text and (found := _MYPY.match(text)):
            code = _MYPY_CODE.search(found[3])
            message = found[3][: code.start()].rstrip() if code else found[3]
            return self._finding("mypy", found[1], found[2], code[1] if code else "", message, line)
        if " - error: " in text and (found := _PYRIGHT.match(text)):
            return self._finding("pyright", found[1], found[2], found[5] or "", found[4], line)
        if found := _CONCISE.match(text):
            return self._finding("ruff", found[1], found[2], found[4], found[5], line)
        if self._rule and (found := _ARROW.match(text)) and (rule := _FULL.match(self._rule.text)):
            first, self._rule = self._rule, None
            return self._finding("ruff", found[1], found[2], rule[1], rule[3], first)
        return NOTHING

    @staticmethod
    def _finding(tool: str, path: str, line: str, rule: str, message: str, at: Line) -> Sequence[Failure]:
        message = message.removeprefix("[*] ")
        text = f"{rule} {message}" if rule and rule not in message else message
        quotes = (Quote(at.number, at.text),)
        return (Failure(tool, Kind.LINT, f"{path}:{line}", text, rule, (Frame(path, int(line)),), quotes),)
