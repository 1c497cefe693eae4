"""The last word of a job: that it failed. It decides only where nothing else says why."""

import re
from collections import deque
from collections.abc import Sequence

from jobs.triage.failures import JOB, Failure, Kind, Quote
from jobs.triage.lines import Line
from jobs.triage.parsers.base import MOST_QUOTES, NOTHING

_ENDED = re.compile(
    # GitHub's runner, GitLab's, Jenkins', make.
    r"^(?:##\[error\]|Error: )?Process completed with exit code [1-9]\d{0,2}\.?$"
    r"|^ERROR: Job failed: (?:exit code|exit status) [1-9]|^ERROR: script returned exit code [1-9]"
    r"|^(?:g|k)?make(?:\[\d{1,3}\])?: \*\*\* \[.{1,300}\] Error [1-9]|^Finished: FAILURE$"
)
_HINTS = ("exit code", "exit status", "***", "FAILURE")


class EndParser:
    """One failure for a log, with the lines that stand before the first such word."""

    def __init__(self) -> None:
        self._before: deque[Line] = deque(maxlen=MOST_QUOTES - 1)
        self._said = False

    def feed(self, line: Line) -> Sequence[Failure]:
        """See `Parser`."""
        text = line.text
        if self._said:
            return NOTHING
        if any(map(text.__contains__, _HINTS)) and _ENDED.match(text):
            self._said = True
            quotes = (*(Quote(one.number, one.text) for one in self._before), Quote(line.number, text))
            last = self._before[-1].text if self._before else text
            return (Failure(JOB, Kind.CRASH, text.removeprefix("##[error]"), last, quotes=quotes, weak=True),)
        if text and not text.isspace():
            self._before.append(line)
        return NOTHING

    def finish(self) -> Sequence[Failure]:
        """See `Parser`."""
        return NOTHING
