"""The commit that a job's log says it checked out: the good revision, when the job was green."""

import re
from collections.abc import Iterable, Iterator

from jobs.triage.lines import Line

_SAID = re.compile(
    # git itself, and actions/checkout by it; GitLab's runner; Jenkins.
    r"^(?:HEAD is now at|Checking out|Checking out Revision) ([0-9a-f]{7,40})\b"
)
_SHA = re.compile(r"^'?([0-9a-f]{40})'?$")
_ASKED = "git log -1 --format=%H"


class Revision:
    """Looks at lines as they go by; `commit` is "" until one says it. The last word counts, a full id most."""

    def __init__(self) -> None:
        self.commit = ""
        self._asked = False

    def watched(self, lines: Iterable[Line]) -> Iterator[Line]:
        """The same lines."""
        for line in lines:
            text = line.text
            rule = _SHA if self._asked else _SAID
            known = len(self.commit) == 40 and not self._asked
            if (self._asked or text[:1] in "HC") and not known and (found := rule.match(text)):
                self.commit = found[1]
            self._asked = _ASKED in text
            yield line
