"""Maven (Surefire, JUnit), Gradle and javac under them."""

import re
from collections.abc import Sequence

from jobs.triage.failures import Failure, Frame, Kind, Quote, error_class
from jobs.triage.lines import Line
from jobs.triage.parsers.base import NOTHING, Block

_FRAME = re.compile(r"^\s+at (?:[\w.$/@]+\.)?([\w$]+)\.([\w$<>]+)\(([\w$]+\.(?:java|kt|groovy|scala)):(\d{1,9})\)")
_GRADLE_FRAME = re.compile(r"^([\w$]+\.(?:java|kt|groovy)):(\d{1,9})$")
_COMPILE = re.compile(r"^\[ERROR\] (\S+\.(?:java|kt)):\[(\d{1,9}),(\d{1,9})\] (.+)$")
_DEPENDENCY = re.compile(
    r"Could not resolve dependencies for|Could not resolve all (?:files|dependencies|artifacts) for|"
    r"Could not find artifact|Could not transfer artifact|Failed to read artifact descriptor|"
    r"or one of its dependencies could not be resolved"
)
_LONGEST_NAME = 600
_MOST_COMPILED = 1000
_SYSTEM = re.compile(r"^(?:java|jdk|sun|org\.junit|org\.gradle|org\.apache\.maven)\b")


class JavaParser:
    """A test's heading, its exception, its frames."""

    def __init__(self) -> None:
        self._block: Block | None = None
        self._tool = ""
        self._compiled: set[str] = set()

    def feed(self, line: Line) -> Sequence[Failure]:
        """See `Parser`."""
        text = line.text
        if "<<< " in text and (name := _surefire(text)):
            done = self._close()
            if not name.startswith("Tests run:"):
                self._block, self._tool = Block(name, line), "maven"
            return done
        if text.endswith(" FAILED") and " > " in text and not text.startswith(("> ", " ")):
            done = self._close()
            self._block, self._tool = Block(text.removesuffix(" FAILED")[:_LONGEST_NAME], line), "gradle"
            return done
        if ":[" in text and (found := _COMPILE.match(text)):
            # Maven says each once more when it names the goal that failed.
            if text in self._compiled:
                return NOTHING
            if len(self._compiled) < _MOST_COMPILED:
                self._compiled.add(text)
            frame, quote = Frame(found[1], int(found[2])), Quote(line.number, text)
            return (Failure("maven", Kind.BUILD, found[1], found[4], frames=(frame,), quotes=(quote,)),)
        if ("ould not " in text or "descriptor" in text) and _DEPENDENCY.search(text):
            message = text.removeprefix("[ERROR] ").lstrip("> ")
            return (Failure("maven", Kind.DEPENDENCY, "dependencies", message, quotes=(Quote(line.number, text),)),)
        if self._block:
            return self._inside(self._block, line)
        return NOTHING

    def finish(self) -> Sequence[Failure]:
        """See `Parser`."""
        return self._close()

    def _inside(self, block: Block, line: Line) -> Sequence[Failure]:
        text = line.text
        if not text.strip() or text.startswith(("[INFO]", "[ERROR] Tests run", "BUILD FAILED")):
            return self._close() if block.message else NOTHING
        if found := _FRAME.match(text):
            if not _SYSTEM.match(text.strip().removeprefix("at ")):
                block.frame(found[3], found[4], found[2])
                block.quote(line)
        elif text.startswith(" ") and (found := _GRADLE_FRAME.match(text.rpartition(" at ")[2])):
            block.message = block.message or text.rpartition(" at ")[0].strip()
            block.frame(found[1], found[2])
            block.quote(line)
        elif not block.message:
            block.message = text.strip()
            block.quote(line)
        return NOTHING

    def _close(self) -> Sequence[Failure]:
        block, self._block = self._block, None
        if block is None:
            return NOTHING
        frames = tuple(reversed(block.frames))
        error = error_class(block.message)
        return (Failure(self._tool, Kind.TEST, block.title, block.message, error, frames, tuple(block.quotes)),)


def java_frame(text: str) -> Frame | None:
    """A line `at package.Class.method(File.java:12)` that is not the runtime's or the test runner's."""
    found = _FRAME.match(f" {text}")
    if not found or _SYSTEM.match(text.strip().removeprefix("at ")):
        return None
    return Frame(found[3], int(found[4]), found[2])


def _surefire(text: str) -> str:
    """The name before `Time elapsed: 0.01 s <<< FAILURE!`, with two hyphens between them or not."""
    name, elapsed, after = text.partition("Time elapsed: ")
    if not elapsed or not ("<<< FAILURE!" in after or "<<< ERROR!" in after):
        return ""
    return name.removeprefix("[ERROR] ").rstrip().removesuffix("--").strip()[:_LONGEST_NAME]
