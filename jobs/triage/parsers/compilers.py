"""gcc, clang, their linker, javac."""

import re
from collections.abc import Sequence

from jobs.triage.failures import Failure, Frame, Kind, Quote
from jobs.triage.lines import Line
from jobs.triage.parsers.base import NOTHING

_PLACE = re.compile(
    # Gradle's plain console writes its task and no line end before the first message.
    r"^(?::\w+(?=/))?([^\s:][^:\n]{0,400}\.(?:c|cc|cpp|cxx|h|hh|hpp|m|mm|cu|java|kt|s|S)):(\d{1,9}):(?:(\d{1,9}):)? "
    r"(?:fatal )?error: (.+)$"
)
_LINKERS = ("ld: ", "ld.lld: ", "lld: ", "ld.gold: ", ":(.text")


class CompilerParser:
    """One line each: `path:line:column: error: message`, `undefined reference to …`."""

    def feed(self, line: Line) -> Sequence[Failure]:
        """See `Parser`."""
        text = line.text
        quote = (Quote(line.number, text),)
        if "error: " in text and (found := _PLACE.match(text)):
            tool = "javac" if found[1].endswith((".java", ".kt")) else "gcc"
            return (Failure(tool, Kind.BUILD, found[1], found[4], "", (Frame(found[1], int(found[2])),), quote),)
        if "undefined " in text and _of_linker(text):
            path = text.partition(":")[0]
            frames = (Frame(path),) if path.endswith((".c", ".cc", ".cpp", ".cxx")) else ()
            return (Failure("ld", Kind.BUILD, "link", text[text.index("undefined ") :], "", frames, quote),)
        return NOTHING

    def finish(self) -> Sequence[Failure]:
        """See `Parser`."""
        return NOTHING


def _of_linker(text: str) -> bool:
    before, _, after = text.partition("undefined ")
    return after.startswith(("reference to ", "symbol")) and any(name in before for name in _LINKERS)
